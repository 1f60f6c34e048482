"""What is seen to be right at one look is what the rules, step by step, find right as well."""

import itertools
import json
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from personalization.events.accepted import AcceptedEvent
from personalization.events.examining import as_kept
from personalization.events.keepable import EventRefused
from personalization.events.normalising import Spellings
from personalization.events.outliers import Ordinary
from personalization.events.plain_parts import MOST_FIELDS
from personalization.events.schema_checking import compile_schema
from personalization.events.standards import Standards
from personalization.events.usual import as_sent, read_usual, usual_events
from personalization.events.validating import FIELDS, PROPERTIES, validate
from personalization.identifiers.kinds import DEFAULTS
from personalization.vault.leaving_out import PAGE_ADDRESSES
from personalization.vault.naming import NAMES
from tests.factories import NOON, make_event

# Around every limit, and what only one of the two readings might take.
ODD: Final[list[Any]] = [
    *(
        "",
        " ",
        "1001",
        " 1001",
        "1002",
        "1001 ",
        "1001\n",
        "a b",
        "guest",
        "0000",
        "x\x00",
        "\ud800",
        "é",
    ),
    *("x" * length for length in (1, 3, 4, 64, 65, 100, 101, 128, 129, 150, 151, 40_000)),
    *("x\x1f", "\x1c", "\u2003", "a\x00b", "\\u0000", 'a "b"'),
    *("anna@example.org", "anna%40example.org", "50 %", "@anna", "/a?q=1", "?q=1", "#top", "why?"),
    *("now", "2026-06-15", "2026-06-15T12:00:00", "1999-01-01T00:00:00Z", "9999-01-01T00:00:00Z"),
    *(
        "EUR",
        "eur",
        "XXQ",
        "GB",
        "gb",
        "XX",
        "France",
        "A B",
        "Item",
        "item_view2",
        "2items",
        "a-b",
    ),
    *(0, -1, 0.5, 1e5, 1e6, 1e9, 1e12, -1e12, 2**53, 2**53 + 1, 2**63, 10**30),
    *(float("inf"), float("-inf"), float("nan"), True, False, None, [], ["a"], {}, {"a": 1}),
]
PROPERTY_NAMES: Final = [
    *PROPERTIES,
    "country",
    *itertools.chain.from_iterable((name, *others) for name, others in NAMES.items()),
    *("Email", "NAME", "contact_email", "e_mail", "emails", "item_name", "is_mobile", "zi_p"),
    *sorted(PAGE_ADDRESSES),
    "search",
    "note",
    "a b",
    "x" * 65,
    "",
    "x\x00",
]
STANDARDS: Final = Standards(
    checks={
        "purchase": compile_schema(
            {
                "properties": {
                    "properties": {
                        "properties": {"note": {"$ref": "#/$defs/short"}, "search": False},
                        "required": ["item_id"],
                    },
                    "traits": True,
                },
                "$defs": {"short": {"maxLength": 3}},
                "unevaluatedProperties": {"maxProperties": 1},
            }
        )
    },
    spellings=Spellings(
        items={"1002": "A1002"}, categories={"a b": "ab"}, countries={"gb": "GB", "xx": "FR"}
    ),
    usual={"purchase": {"price": Ordinary(2.5, 100.0)}},
)
VALUES = st.sampled_from(ODD) | st.integers() | st.floats() | st.text()
PART = st.dictionaries(st.sampled_from(PROPERTY_NAMES) | st.text(), VALUES, max_size=3)


def at_one_look(raw: Any) -> AcceptedEvent | None:
    (event,) = usual_events([raw], standards=STANDARDS, kinds=DEFAULTS, now=NOON, source="api")
    return event


def hold_against_rules(raw: Any) -> None:
    seen = at_one_look(raw)
    if seen is not None:
        assert seen == by_the_rules(as_sent(raw))


def by_the_rules(raw: Any) -> Any:
    try:
        return as_kept(validate(raw, now=NOON, source="api"), STANDARDS)
    except EventRefused as refusal:
        return refusal.field, refusal.message


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


FIXED: Final = {"message_id": st.just("m-1"), "type": st.sampled_from(["purchase", "item_view"])}
OPTIONAL: Final = {
    "user_id": st.just("anna") | VALUES,
    "anonymous_id": st.just("b-1") | VALUES,
    "occurred_at": st.just(NOON.isoformat()) | VALUES,
    "properties": PART,
    "context": PART,
}


@given(st.fixed_dictionaries(FIXED, optional=OPTIONAL))
def test_nothing_passes_that_the_rules_refuse(raw: Any) -> None:
    hold_against_rules(raw)


def test_the_largest_event_that_passes_at_one_look_can_be_kept() -> None:
    wide = {f"{n:064}": "\U0001f600" * 150 for n in range(MOST_FIELDS)}
    raw = make_event(properties=wide, context=wide, message_id="\U0001f600" * 100)

    assert at_one_look(raw) == by_the_rules(raw)


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


def test_one_that_takes_a_closer_look_does_not_keep_the_others_from_passing() -> None:
    usual, odd = make_event(), make_event(traits={"country": "France"})

    raws = [usual, odd, "no event"]

    seen = usual_events(raws, standards=STANDARDS, kinds=DEFAULTS, now=NOON, source="api")

    assert seen == [at_one_look(usual), None, None]
    assert seen[0] is not None


def as_body(*events: Any) -> bytes:
    return json.dumps({"events": events}, ensure_ascii=False).encode()


def test_a_batch_of_a_shop_is_read_straight_into_its_form() -> None:
    events = [make_event(), make_event(context={"page": "/é/", "locale": "de: AT"})]

    usual = read_usual(as_body(*events))

    assert usual is not None
    assert [as_sent(one) for one in usual] == events


@pytest.mark.parametrize(
    "body",
    [
        b'{"events": [{"message_id": "m", "type": "a", "type": "a"}]}',
        b'{"events": [{"message_id": "m", "type": "a", "type" :"b:c"}]}',
        b'{"events": [], "events": []}',
        b'{"events": [{"message_id": "m", "type": "a", "user_id": null, "user_id": "b"}]}',
        b'{"events": [{"message_id": "m", "type": "a", "context": {}, "context": {}}]}',
        b'{"events": [{"message_id": "m", "type": "a", "properties": {"a": "b\\u0000"}}]}',
        b'{"events": [{"message_id": "m", "type": "a", "properties": {"a": "\\u0040"}}]}',
        b'{"events": [{"message_id": "m", "type": "a", "user_id": "\xed\xa0\x80"}]}',
        b'{"events": {}}',
        b'{"message_id": "m", "type": "a"}',
        b"[]",
        b"",
    ],
)
def test_no_other_body_is(body: bytes) -> None:
    assert read_usual(body) is None


@pytest.mark.parametrize(
    "part",
    [
        b'{"n": 1, "n": 2}',
        b'{"n": 1, "n" :2}',
        b'{"a": "\x00"}',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": 18446744073709551616}',
        b'{"a": {"b": 1, "b": 1}}',
        b"[]",
        b'"a"',
    ],
)
@pytest.mark.parametrize("name", [b"properties", b"context"])
def test_no_part_passes_that_cannot_be_kept(name: bytes, part: bytes) -> None:
    body = b'{"events": [{"message_id": "m", "type": "a", "user_id": "b", "%b": %b}]}'

    for event in read_usual(body % (name, part)) or []:
        assert at_one_look(event) is None
        try:
            raw = as_sent(event)
        except ParseError:
            continue
        assert isinstance(by_the_rules(raw), tuple)


@given(st.lists(st.fixed_dictionaries(FIXED, optional=OPTIONAL), max_size=3))
def test_what_is_read_straight_is_what_was_sent(events: list[dict[str, Any]]) -> None:
    try:
        usual = read_usual(as_body(*events))
    except UnicodeEncodeError:  # half of a surrogate pair cannot be sent as such
        return
    if usual is not None:
        sent = [{name: v for name, v in raw.items() if v is not None} for raw in events]
        assert [as_sent(one) for one in usual] == sent
        for read in usual:
            hold_against_rules(read)
