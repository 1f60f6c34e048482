"""Which live segments somebody is in, and why."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from personalization.rules.calling import names_among
from personalization.rules.compiling import CompiledRule, Known, compile_rule
from personalization.rules.generating import RuleBook
from personalization.rules.parsing import Fact, RuleError, parse_rule
from personalization.rules.references import among
from personalization.rules.tracing import Trace, is_open, open_facts, trace


@dataclass(frozen=True, slots=True)
class Membership:
    """A live segment someone is in; `is_certain` is False where it also takes the right visit."""

    key: str
    name: str
    is_certain: bool


@dataclass(frozen=True, slots=True)
class _Live:
    """A live segment as a rule; `may_be_open` is what it reads that only a visit can tell."""

    key: str
    name: str
    rule: CompiledRule
    may_be_open: tuple[Fact, ...]


def memberships(*, segments: Mapping[str, Any], known: Known) -> list[Membership]:
    """Return the segments of a live document that somebody is or may be in, by name."""
    live, book = _compiled(orjson.dumps(segments))
    held = set(book.matching(known))
    judged = ((one, _holds(one, held, known)) for one in live)
    found = [
        Membership(one.key, one.name, holds is True) for one, holds in judged if holds is not False
    ]
    return sorted(found, key=lambda one: one.name.casefold())


def reasons(*, segments: Mapping[str, Any], known: Known) -> Iterator[tuple[str, str, Trace]]:
    """Yield key and name of each live segment, and why somebody is in it or not, by key."""
    live, _ = _compiled(orjson.dumps(segments))
    for one in live:
        yield one.key, one.name, trace(one.rule, known)


def _holds(one: _Live, held: Container[str], known: Known) -> bool | None:
    # A rule knows only true and false: what is left open is asked of its trace.
    if any(is_open(fact, known) for fact in one.may_be_open):
        return trace(one.rule, known).holds
    return one.key in held


@lru_cache(maxsize=2)
def _compiled(packed: bytes) -> tuple[tuple[_Live, ...], RuleBook]:
    # Kept for the next who asks: thousands of rules take longer to compile than to judge.
    segments = orjson.loads(packed)
    resolve, names = among(segments), names_among(segments)
    found = []
    for key, definition in sorted(segments.items()):
        try:
            rule = compile_rule(parse_rule(definition["rule"]), resolve=resolve, names=names)
        except RuleError:
            # Live once, and no longer readable: nobody is in it, and the list of segments says so.
            continue
        found.append(_Live(key, definition["name"], rule, open_facts(rule.rule)))
    return tuple(found), RuleBook({one.key: one.rule.rule for one in found})
