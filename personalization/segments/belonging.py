"""Which live segments somebody is in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from personalization.segments.compiling import Known, compile_rule
from personalization.segments.references import Resolve, among
from personalization.segments.rules import RuleError, parse_rule
from personalization.segments.tracing import holds_for


@dataclass(frozen=True, slots=True)
class Membership:
    """A live segment someone is in; `is_certain` is False where it also takes the right visit."""

    key: str
    name: str
    is_certain: bool


def memberships(*, segments: Mapping[str, Any], known: Known) -> list[Membership]:
    """Return the segments of a live document that somebody is or may be in, by name."""
    resolve = among(segments)
    found = [_membership(key, raw, known, resolve) for key, raw in segments.items()]
    return sorted((one for one in found if one is not None), key=lambda one: one.name.casefold())


def _membership(
    key: str, definition: Mapping[str, Any], known: Known, resolve: Resolve
) -> Membership | None:
    try:
        rule = compile_rule(parse_rule(definition["rule"]), resolve=resolve)
        holds = holds_for(rule, known)
    except RuleError:
        # Live once, and no longer readable: nobody is in it, and the list of segments says so.
        return None
    return None if holds is False else Membership(key, definition["name"], holds is True)
