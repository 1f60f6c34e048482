"""What is seen to be right at one look is what the rules, step by step, find right as well."""

import itertools
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.events.accepted import AcceptedEvent
from personalization.events.keepable import EventRefused
from personalization.events.usual import MOST_FIELDS, usual_event
from personalization.events.validating import DIRECT, FIELDS, PROPERTIES, validate
from personalization.identifiers.kinds import DEFAULTS
from tests.factories import NOON, make_event

# Around every limit, and what only one of the two readings might take.
ODD: Final[list[Any]] = [
    *("", " ", "1001", " 1001", "1001 ", "1001\n", "a b", "guest", "0000", "x\x00", "\ud800", "é"),
    *("x" * length for length in (1, 3, 4, 64, 65, 100, 101, 128, 129, 150, 151, 40_000)),
    *("now", "2026-06-15", "2026-06-15T12:00:00", "1999-01-01T00:00:00Z", "9999-01-01T00:00:00Z"),
    *("EUR", "XXQ", "Item", "item_view2", "2items", "a-b"),
    *(0, -1, 0.5, 1e5, 1e6, 1e9, 1e12, -1e12, 2**53, 2**53 + 1, 2**63, 10**30),
    *(float("inf"), float("-inf"), float("nan"), True, False, None, [], ["a"], {}, {"a": 1}),
]
PROPERTY_NAMES: Final = [
    *PROPERTIES,
    *sorted(DIRECT),
    "Email",
    "NAME",
    "note",
    "a b",
    "x" * 65,
    "",
    "x\x00",
]
VALUES = st.sampled_from(ODD) | st.integers() | st.floats() | st.text()
PART = st.dictionaries(st.sampled_from(PROPERTY_NAMES) | st.text(), VALUES, max_size=3)


def at_one_look(raw: Any) -> AcceptedEvent | None:
    return usual_event(raw, kinds=DEFAULTS, now=NOON, source="api")


def refusal_or_event(read: Any, raw: Any) -> Any:
    try:
        return read(raw)
    except EventRefused as refusal:
        return refusal.field, refusal.message


def hold_against_rules(raw: Any) -> None:
    seen = refusal_or_event(at_one_look, raw)
    if seen is not None:
        assert seen == refusal_or_event(lambda raw: validate(raw, now=NOON, source="api"), raw)


@pytest.mark.parametrize("field", [*sorted(FIELDS), "colour"])
def test_no_field_passes_that_the_rules_refuse(field: str) -> None:
    for value in ODD:
        hold_against_rules(make_event() | {field: value})


@pytest.mark.parametrize("name", PROPERTY_NAMES)
@pytest.mark.parametrize("part", ["properties", "context"])
def test_no_part_passes_that_the_rules_refuse(part: str, name: str) -> None:
    for value in ODD:
        hold_against_rules(make_event(type="purchase") | {part: {name: value}})


def test_no_sum_passes_that_is_too_large() -> None:
    for price, quantity in itertools.product((2.5, 1e5, 1e6, 9e11), repeat=2):
        properties = {"price": price, "quantity": quantity}
        hold_against_rules(make_event(type="purchase", properties=properties))


@given(
    st.fixed_dictionaries(
        {"message_id": st.just("m-1"), "type": st.sampled_from(["purchase", "item_view"])},
        optional={
            "user_id": st.just("anna") | VALUES,
            "anonymous_id": st.just("b-1") | VALUES,
            "occurred_at": st.just(NOON.isoformat()) | VALUES,
            "properties": PART,
            "context": PART,
        },
    )
)
def test_nothing_passes_that_the_rules_refuse(raw: Any) -> None:
    hold_against_rules(raw)


def test_the_largest_event_that_passes_at_one_look_can_be_kept() -> None:
    wide = {f"{n:064}": "\U0001f600" * 150 for n in range(MOST_FIELDS)}
    raw = make_event(properties=wide, context=wide, message_id="\U0001f600" * 100)

    assert at_one_look(raw) == validate(raw, now=NOON, source="api")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"user_id": None, "anonymous_id": "6f1c2b1e-1"},
        {"occurred_at": (NOON - timedelta(days=3)).isoformat()},
        {"type": "purchase", "properties": {"item_id": "a 1", "price": 2.5, "currency": "EUR"}},
        {"context": {"page": "/item/1/", "locale": "en-GB", "utm_source": "Café", "is_bot": False}},
    ],
)
def test_the_events_of_a_shop_pass_at_one_look(changes: dict[str, Any]) -> None:
    assert at_one_look(make_event(**changes)) is not None
