"""Which live segments somebody is in, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from personalization.rules.compiling import CompiledRule, Known, compile_rule
from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.references import among
from personalization.rules.tracing import Trace, holds_for, trace


@dataclass(frozen=True, slots=True)
class Membership:
    """A live segment someone is in; `is_certain` is False where it also takes the right visit."""

    key: str
    name: str
    is_certain: bool


def memberships(*, segments: Mapping[str, Any], known: Known) -> list[Membership]:
    """Return the segments of a live document that somebody is or may be in, by name."""
    judged = ((key, name, holds_for(rule, known)) for key, name, rule in _rules(segments))
    found = [
        Membership(key, name, holds is True) for key, name, holds in judged if holds is not False
    ]
    return sorted(found, key=lambda one: one.name.casefold())


def reasons(*, segments: Mapping[str, Any], known: Known) -> Iterator[tuple[str, str, Trace]]:
    """Yield key and name of each live segment, and why somebody is in it or not, by key."""
    for key, name, rule in _rules(segments):
        yield key, name, trace(rule, known)


def _rules(segments: Mapping[str, Any]) -> tuple[tuple[str, str, CompiledRule], ...]:
    return _compiled(orjson.dumps(segments))


@lru_cache(maxsize=2)
def _compiled(packed: bytes) -> tuple[tuple[str, str, CompiledRule], ...]:
    # Kept for the next who asks: thousands of rules take longer to compile than to judge.
    segments = orjson.loads(packed)
    resolve = among(segments)
    found = []
    for key, definition in sorted(segments.items()):
        try:
            rule = compile_rule(parse_rule(definition["rule"]), resolve=resolve)
        except RuleError:
            # Live once, and no longer readable: nobody is in it, and the list of segments says so.
            continue
        found.append((key, definition["name"], rule))
    return tuple(found)
