"""What passes the door, and how refusals name the field."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from personalization.events.accepted import AcceptedEvent
from personalization.events.keepable import EventRefused
from personalization.events.validating import validate
from personalization.vault.carrying import open_from_stream
from tests.factories import NOON, make_event


def refusal(raw: Any) -> EventRefused:
    with pytest.raises(EventRefused) as caught:
        validate(raw, now=NOON)
    return caught.value


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"message_id": None}, "message_id"),
        ({"message_id": 7}, "message_id"),
        ({"message_id": "x" * 101}, "message_id"),
        ({"type": "Item View"}, "type"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": 1_700_000_000}, "occurred_at"),
        ({"occurred_at": "2026-06-15T12:00:00"}, "occurred_at"),
        ({"occurred_at": (NOON + timedelta(days=1)).isoformat()}, "occurred_at"),
        ({"occurred_at": "1999-01-01T00:00:00Z"}, "occurred_at"),
        ({"user_id": None}, "anonymous_id"),
        ({"user_id": "00000000-0000-0000-0000-000000000000"}, "user_id"),
        ({"user_id": "undefined"}, "user_id"),
        ({"properties": []}, "properties"),
        ({"properties": {"price": "3.50"}}, "properties.price"),
        ({"properties": {"price": -1}}, "properties.price"),
        ({"properties": {"quantity": True}}, "properties.quantity"),
        ({"properties": {"quantity": 0}}, "properties.quantity"),
        ({"properties": {"item_id": 1001}}, "properties.item_id"),
        ({"properties": {"note": "x" * 40_000}}, "properties"),
        ({"traits": {"likes": [["a"]]}}, "traits.likes"),
        ({"traits": {"likes": [None]}}, "traits.likes"),
        ({"traits": {"likes": ["a"] * 101}}, "traits.likes"),
        ({"traits": {"likes": {"a": 1}}}, "traits.likes"),
        ({"context": "mobile"}, "context"),
        ({"identifiers": {"email": "not-an-email"}}, "identifiers.email"),
        ({"identifiers": {"email": "anna @example.org"}}, "identifiers.email"),
        ({"identifiers": {"phone": "unknown"}}, "identifiers.phone"),
        ({"properties": {"note": "a\x00b"}}, "properties.note"),
        ({"properties": {"tags": ["fine", "\ud800"]}}, "properties.tags[1]"),
        ({"user_id": "\ud800"}, "user_id"),
        ({"traits": {"age": 10**30}}, "traits.age"),
        ({"properties": {"weight": float("inf")}}, "properties.weight"),
        ({"properties": {"weight": float("nan")}}, "properties.weight"),
        ({"type": "purchase", "properties": {"price": 9e11, "quantity": 9e11}}, "properties.price"),
    ],
)
def test_a_refusal_names_the_field(changes: dict[str, Any], field: str) -> None:
    raw = {**make_event(), **changes}
    if None in changes.values():
        raw = make_event(**changes)

    assert refusal(raw).field == field


def test_a_clock_a_little_fast_is_forgiven() -> None:
    raw = make_event(occurred_at=(NOON + timedelta(minutes=5)).isoformat())

    assert validate(raw, now=NOON).occurred_at > NOON


def test_direct_identifiers_do_not_pass_the_door() -> None:
    raw = make_event(
        traits={"email": "Anna@Example.com", "phone": "123", "country": "France"},
        properties={"item_id": "1001", "email": "anna@example.com"},
    )

    event = validate(raw, now=NOON)

    assert "anna@example.com" not in repr(event).lower()
    assert event.traits == {"country": "France"}
    assert len(event.identifiers["email"]) == 32


def test_what_is_left_out_is_told_and_what_is_a_trait_is_sealed_under_its_own_name() -> None:
    raw = make_event(
        user_id="u-1",
        traits={
            "contact_email": "anna@example.com",
            "nick": "anna@example.com",
            "username": "anna",
        },
        properties={"customer": {"e_mail": "anna@example.com"}, "zip": "12345", "item_id": "1001"},
        context={"user": {"email": "anna@example.com"}, "email_address": "anna"},
    )

    event = validate(raw, now=NOON)

    assert "anna" not in repr(event)
    assert (event.properties, event.context) == ({"customer": {}, "item_id": "1001"}, {"user": {}})
    assert event.flags == [
        "left_out:context.email_address",
        "left_out:context.user.email",
        "left_out:properties.customer.e_mail",
        "left_out:properties.zip",
    ]
    assert open_from_stream(event.sealed, message_id=event.message_id) == raw["traits"]


@pytest.mark.parametrize(("kind", "value"), [("email", "not-an-email"), ("phone", "ask me")])
def test_a_trait_that_is_no_address_names_nobody(kind: str, value: str) -> None:
    event = validate(make_event(traits={kind: value}), now=NOON)

    assert event.identifiers == {}
    assert event.sealed


def test_money_is_price_times_quantity() -> None:
    raw = make_event(type="purchase", properties={"price": 2.55, "quantity": 6})

    assert validate(raw, now=NOON).value == 15.30


def test_what_travels_through_the_stream_comes_out_the_same() -> None:
    event = validate(make_event(traits={"country": "France"}), now=NOON)

    assert AcceptedEvent.from_wire(msgpack.decode(msgpack.encode(event))) == event


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_nothing_makes_the_door_fall_over(raw: Any) -> None:
    with contextlib.suppress(EventRefused):
        validate(raw, now=NOON)


@given(
    st.dictionaries(
        st.sampled_from(["properties", "context", "traits", "occurred_at"]),
        st.text()
        | st.integers()
        | st.none()
        | st.dictionaries(st.sampled_from(["price", "value", "item_id"]), st.floats() | st.text()),
    )
)
def test_odd_fields_are_accepted_or_refused_but_never_break(changes: dict[str, Any]) -> None:
    with contextlib.suppress(EventRefused):
        validate({**make_event(), **changes}, now=NOON)


def test_an_event_is_as_large_as_it_is_sent() -> None:
    other_alphabet = {"note": "ё" * 10_000, "nothing": None}

    assert validate(make_event(properties=other_alphabet), now=NOON)
