"""Rules of every kind, drawn by Hypothesis."""

from typing import Any

from hypothesis import strategies as st

from personalization.rules.patterns import PatternError, written_out
from personalization.rules.references import among
from personalization.rules.vocabulary import (
    AMOUNTS_ONLY,
    DISTINCT_OF,
    MATCHES,
    OPERATORS_OF,
    PARAMETERS,
    SESSION_NAMES,
    TEXTS_ONLY,
    VALUE_KINDS,
)

from .population import CATEGORIES, DATELIKE, DATES, EVENTS, NUMBERS, PURPOSES, TEXTS, TRAITS

SEGMENTS = {
    "french": {"all": [{"fact": "trait", "name": "country", "operator": "begins", "value": "fr"}]},
    "buyers": {
        "any": [{"fact": "sum", "event": "purchase", "operator": "at_least", "value": 19.9}]
    },
    "others": {
        "none": [
            {"fact": "segment", "operator": "in_segment", "value": "french"},
            {"fact": "segment", "operator": "not_in_segment", "value": "buyers"},
        ]
    },
}
RESOLVE = among({key: {"rule": rule} for key, rule in SEGMENTS.items()})


ATOMS = ["f", "R", "a", "ö", "λ", ".", " ", "\\d", "\\w", "\\s", "\\.", "%", "-", "4", "“"]
CLASSES = ["[a-f]", "[^A-R]", "[0-4-]", "[\\wλ]", "[^\\s\\d]", "[ö.$|]"]
QUANTIFIERS = ["", "", "", "*", "+", "?", "{2}", "{0,1}", "{1,}"]


def pieces(atoms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.tuples(atoms, st.sampled_from(QUANTIFIERS)).map("".join)
    branch = st.tuples(
        st.sampled_from(["", "", "^"]),
        st.lists(one, min_size=1, max_size=3).map("".join),
        st.sampled_from(["", "", "$"]),
    ).map("".join)
    return st.lists(branch, min_size=1, max_size=2).map("|".join)


def can_be_read(pattern: str) -> bool:
    try:
        return bool(written_out(pattern))
    except PatternError:
        return False


def patterns() -> st.SearchStrategy[str]:
    atoms = st.sampled_from([*ATOMS, *CLASSES])
    grouped = pieces(atoms).map("({})".format)
    return pieces(atoms | grouped).map(str.strip).filter(bool).filter(can_be_read)


def values(operator: str, *, kind: str) -> st.SearchStrategy[Any]:
    numbers: st.SearchStrategy[Any] = st.sampled_from([*NUMBERS, 3, 4, 60])
    scalars = numbers | st.sampled_from([*TEXTS, *DATELIKE]) | st.booleans()
    if kind in AMOUNTS_ONLY:
        scalars = numbers
    if kind in TEXTS_ONLY:
        scalars = st.sampled_from(TEXTS_ONLY[kind] or ["fan", "FAN ", "ελλάς"])
    degrees = st.sampled_from([0, 13.4, -52.5, 89.9999, 90])
    return {
        "none": st.none(),
        "scalar": scalars,
        "number": numbers,
        "range": st.lists(numbers, min_size=2, max_size=2).map(sorted),
        "list": st.lists(scalars, min_size=1, max_size=4),
        "text": st.sampled_from([*TEXTS, "r", "Λ", "%", "ö"]),
        "pattern": patterns(),
        "date": st.sampled_from(DATES[:3]),
        "days": st.integers(1, 9),
        "circle": st.tuples(degrees, degrees, st.sampled_from([0.001, 100, 5_000])).map(list),
        "segment": st.sampled_from(sorted(SEGMENTS)),
    }[VALUE_KINDS[operator]]


PAIRS = [
    (kind, operator) for kind in PARAMETERS if kind != "context" for operator in OPERATORS_OF[kind]
]


NAMES: dict[str, Any] = {
    "session": SESSION_NAMES,
    "consent": PURPOSES,
    "trait": [*TRAITS, "likes"],
    "score": ["age", "mood"],
}


@st.composite
def conditions(draw: st.DrawFn, pair: tuple[str, str] | None = None) -> dict[str, Any]:
    kind, operator = pair or draw(st.sampled_from(PAIRS))
    parameters = {
        "event": st.sampled_from(EVENTS),
        "category": st.none() | st.sampled_from(CATEGORIES),
        "days": st.none() | st.integers(1, 9),
        "name": st.sampled_from(NAMES.get(kind, TRAITS)),
        "of": st.sampled_from(DISTINCT_OF),
        "then": st.sampled_from(EVENTS),
        "then_category": st.none() | st.sampled_from(CATEGORIES),
        "minutes": st.sampled_from([1, 10, 30, 1_440]),
    }
    return {
        "fact": kind,
        **{name: draw(parameters[name]) for name in PARAMETERS[kind]},
        "operator": operator,
        "value": draw(values(operator, kind=kind)),
    }


def groups(members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    listed = st.lists(members, min_size=1, max_size=3)
    return st.builds(lambda match, of: {match: of}, st.sampled_from(MATCHES), listed)


RULES = groups(conditions() | groups(conditions()))
