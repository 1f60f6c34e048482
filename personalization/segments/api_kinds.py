"""Read who is in a segment as a partner states it; which fields say so depends on its kind."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from consent.subjects import Identifier
from personalization.rules.parsing import Rule, RuleError, parse_rule
from personalization.rules.references import inlined
from personalization.segments.calling import SavedNames
from personalization.segments.kind_rules import FIELDS, band, band_rule, combined, combined_rule
from personalization.segments.list_forms import ID_KINDS, NONE_YET
from personalization.segments.list_reading import problem_of
from personalization.segments.listing import list_rule
from personalization.segments.models import Kind, Segment, saved_rule
from personalization.segments.recognising import check_lists

OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    Kind.DYNAMIC: ("rule",),
    Kind.STATIC: ("ids",),
    Kind.COMBINED: tuple(FIELDS),
    Kind.PREDICTIVE: ("score", "low", "high"),
}
# More are sent by themselves, as the segment's list.
MOST_IDS: Final = 1_000
LONGEST_SCORE: Final = 64
ID_KEYS: Final = tuple(kind for kind, _ in ID_KINDS)
NO_LIST_YET: Final = "There is no list yet. Send “ids”, or its list with publish=true."

Problems = dict[str, list[str]]
Body = Mapping[str, Any]


class WrongFields(Exception):
    """It does not say who is in the segment; `problems` are by field."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(problems)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Made:
    """Who is in a segment; `members` are its new list, None where it keeps what it has."""

    kind: str
    rule: dict[str, Any]
    members: tuple[Identifier, ...] | None = None


def read_kind(data: Body, *, segment: Segment | None) -> Made:
    """Return who is in it; raises WrongFields naming each field at fault."""
    kind = _kind(data, segment)
    problems = dict(_misplaced(data, kind, segment))
    if problems:
        raise WrongFields(problems)
    return READ[kind](data, segment)


def fields_of(segment: Segment) -> dict[str, Any]:
    """Return what a segment that is not written as a rule is made of, as it may be stated."""
    if segment.kind == Kind.COMBINED:
        return combined(segment.rule)
    return band(segment.rule) if segment.kind == Kind.PREDICTIVE else {}


def _kind(data: Body, segment: Segment | None) -> str:
    """Return the stated kind; without one what is there stays of its kind, unless its rule goes."""
    has_rule = segment is None or data.get("rule", segment.rule) != segment.rule
    usual = Kind.DYNAMIC if segment is None or has_rule else segment.kind
    kind = data.get("kind", usual)
    if kind not in Kind.values:
        raise WrongFields({"kind": [f"Use one of {', '.join(Kind.values)}."]})
    if segment is not None and kind not in (segment.kind, Kind.DYNAMIC):
        said = f"It is of the kind {segment.kind}, and does not become {kind}. Make another one."
        raise WrongFields({"kind": [said]})
    return str(kind)


def _misplaced(data: Body, kind: str, segment: Segment | None) -> Iterator[tuple[str, list[str]]]:
    own = " and ".join(f"“{name}”" for name in OF_KIND[kind])
    for name in chain.from_iterable(OF_KIND.values()):
        # What was read may be sent back: the rule it has says nothing new.
        is_the_same = name == "rule" and segment is not None and data.get(name) == segment.rule
        if name in data and name not in OF_KIND[kind] and not is_the_same:
            yield name, [f"A segment of the kind {kind} is stated by {own}."]


def _read_rule(data: Body, segment: Segment | None) -> Made:
    try:
        rule = parse_rule(data.get("rule"))
        _check(rule, segment)
    except RuleError as error:
        raise WrongFields({f"rule.{error.field_path}".rstrip("."): [error.message]}) from error
    return Made(Kind.DYNAMIC, data["rule"])


def _read_list(data: Body, segment: Segment | None) -> Made:
    rule = segment.rule if segment else list_rule(NONE_YET)
    if "ids" in data:
        return Made(Kind.STATIC, rule, tuple(_identifiers(data["ids"])))
    if data.get("publish") is True and rule == list_rule(NONE_YET):
        raise WrongFields({"publish": [NO_LIST_YET]})
    return Made(Kind.STATIC, rule)


def _identifiers(ids: Any) -> list[Identifier]:
    if not isinstance(ids, dict) or ids.keys() != {"kind", "values"}:
        raise WrongFields({"ids": ['Send {"kind": "email", "values": ["…"]}.']})
    kind, values = ids["kind"], ids["values"]
    if kind not in ID_KEYS:
        raise WrongFields({"ids.kind": [f"Use one of {', '.join(ID_KEYS)}."]})
    if not isinstance(values, list) or not 0 < len(values) <= MOST_IDS:
        said = f"List 1 to {MOST_IDS:,} of them. More are sent as the segment's list."
        raise WrongFields({"ids.values": [said]})
    said_of = {f"ids.values[{n}]": _id_problem(one, kind) for n, one in enumerate(values)}
    problems = {place: [said] for place, said in said_of.items() if said}
    if problems:
        raise WrongFields(problems)
    return [Identifier(kind, one.strip()) for one in values]


def _id_problem(value: Any, kind: str) -> str:
    if not isinstance(value, str) or not value.strip():
        return "Use a text."
    return problem_of(value.strip(), kind)


def _read_combination(data: Body, segment: Segment | None) -> Made:
    given = {name: data.get(name, []) for name in FIELDS}
    if segment is not None and not data.keys() & FIELDS.keys() and "rule" in data:
        given = combined(segment.rule)
    problems: Problems = {}
    for name, keys in given.items():
        problems |= _key_problems(name, keys)
    if problems:
        raise WrongFields(problems)
    rule = combined_rule(given)
    if rule is None:
        raise WrongFields({"in_all": ["Name at least one segment."]})
    first = next(name for name, keys in given.items() if keys)
    return Made(Kind.COMBINED, _checked(rule, segment, field=first))


def _key_problems(name: str, keys: Any) -> Problems:
    if not isinstance(keys, list) or not all(isinstance(one, str) for one in keys):
        return {name: ["List keys of segments."]}
    there = set(Segment.objects.filter(key__in=keys).values_list("key", flat=True))
    return {
        f"{name}[{number}]": ["There is no segment with this key."]
        for number, key in enumerate(keys)
        if key not in there
    }


def _read_band(data: Body, segment: Segment | None) -> Made:
    stated = data if segment is None or data.keys() & set(OF_KIND[Kind.PREDICTIVE]) else None
    if stated is None:
        stated = band(segment.rule) if segment and "rule" in data else {}
    score, low, high = (stated.get(name) for name in OF_KIND[Kind.PREDICTIVE])
    problems: Problems = {}
    if not isinstance(score, str) or not 0 < len(score) <= LONGEST_SCORE:
        problems["score"] = [f"Use the name of a score, of 1 to {LONGEST_SCORE} characters."]
    for name, value in (("low", low), ("high", high)):
        if not _is_number(value):
            problems[name] = ["Use a number."]
    if problems:
        raise WrongFields(problems)
    if low > high:  # type: ignore[operator]
        raise WrongFields({"high": ["Give the lower number as “low”."]})
    rule = band_rule(score=str(score), low=low, high=high)  # type: ignore[arg-type]
    return Made(Kind.PREDICTIVE, _checked(rule, segment, field="score"))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _checked(rule: dict[str, Any], segment: Segment | None, *, field: str) -> dict[str, Any]:
    try:
        _check(parse_rule(rule), segment)
    except RuleError as error:
        raise WrongFields({field: [error.message]}) from error
    return rule


def _check(rule: Rule, segment: Segment | None) -> None:
    key = segment.key if segment else ""
    inlined(rule, resolve=saved_rule, key=key, names=SavedNames())
    check_lists(rule)


READ: Final[Mapping[str, Callable[[Body, Segment | None], Made]]] = {
    Kind.DYNAMIC: _read_rule,
    Kind.STATIC: _read_list,
    Kind.COMBINED: _read_combination,
    Kind.PREDICTIVE: _read_band,
}
