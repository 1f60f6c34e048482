"""Kinds of identifiers: their limits, their priority, and what names nobody."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from consent.keyspaces import patient_redis_connection
from personalization.events.keepable import EventRefused
from personalization.events.validating import validate
from personalization.identifiers.kinds import (
    CURRENT,
    DEFAULTS,
    Kinds,
    announce_kinds,
    current_kinds,
    forget_kinds,
)
from personalization.identifiers.models import IdentifierKind
from personalization.identifiers.patterns import validate_patterns
from tests.factories import NOON, make_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def save(django_capture_on_commit_callbacks: Any) -> Any:
    """Return what saves a kind as the admin does: every process hears of it."""

    def change(key: str, **values: Any) -> IdentifierKind:
        with django_capture_on_commit_callbacks(execute=True):
            kind, _ = IdentifierKind.objects.get_or_create(key=key, defaults=values)
            for name, value in values.items():
                setattr(kind, name, value)
            kind.save()
        return kind

    return change


def test_an_installation_begins_with_the_kinds_that_processes_begin_with() -> None:
    announce_kinds()

    assert current_kinds() == DEFAULTS
    assert [(kind.key, kind.limit) for kind in DEFAULTS.by_key.values()] == [
        ("user", 1),
        ("crm", 1),
        ("email", 5),
        ("phone", 5),
        ("device", 5),
        ("anonymous", 5),
    ]


@pytest.mark.parametrize(
    "value", ["", "0", "00-000", "null", "NULL", "None", "undefined", " anonymous ", "Guest"]
)
def test_what_programs_send_when_they_know_no_name_names_nobody(value: str) -> None:
    assert DEFAULTS.names_nobody("user", value)


@pytest.mark.parametrize("value", ["anna", "1", "007", "nullarbor", "none@example.org"])
def test_names_are_names(value: str) -> None:
    assert not DEFAULTS.names_nobody("user", value)


def test_a_value_blocked_in_the_admin_is_refused_at_the_door(save: Any) -> None:
    save("user", blocked="test-.*\nnull")

    with pytest.raises(EventRefused, match="'test-7' names nobody"):
        validate(make_event(user_id="test-7"), now=NOON)
    assert validate(make_event(user_id="guest"), now=NOON).user_id == "guest"


def test_a_blocked_address_in_traits_is_no_identifier(save: Any) -> None:
    save("email", blocked="noreply@.*")

    event = validate(make_event(traits={"email": "noreply@example.org"}), now=NOON)

    assert event.identifiers == {}


def test_a_kind_that_was_added_is_accepted_and_an_unknown_one_named(save: Any) -> None:
    save("loyalty", name="Loyalty card", priority=9, limit=1)

    event = validate(make_event(identifiers={"loyalty": "L-1"}), now=NOON)

    assert set(event.identifiers) == {"loyalty"}
    with pytest.raises(EventRefused, match=r"identifiers.club: Use one of crm, .*loyalty"):
        validate(make_event(identifiers={"club": "1"}), now=NOON)


def test_events_ask_no_database(save: Any, django_assert_num_queries: Any) -> None:
    save("user", blocked="null")

    with django_assert_num_queries(0):
        validate(make_event(), now=NOON)


def test_a_damaged_copy_leaves_the_kinds_that_were_held(save: Any) -> None:
    save("user", blocked="test-.*")
    held = current_kinds()
    patient_redis_connection().set(CURRENT, b"[[1]]")
    forget_kinds()

    assert current_kinds() == DEFAULTS
    assert held != DEFAULTS


@pytest.mark.parametrize(
    ("patterns", "message"),
    [("null\n(", "Line 2"), ("null\n\n.*", "would block 'anna@example.org'")],
)
def test_patterns_that_are_none_or_block_people_are_refused(patterns: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        validate_patterns(patterns)


def test_the_admin_says_which_line_is_wrong(admin_client: Client) -> None:
    kind = IdentifierKind.objects.get(key="email")

    page = admin_client.post(
        f"/admin/identifiers/identifierkind/{kind.pk}/change/",
        {"name": "E-mail", "priority": 3, "limit": 5, "blocked": "null\n["},
    ).content.decode()

    assert "Line 2" in page


@pytest.mark.parametrize("key", ["user", "anonymous"])
def test_what_the_shop_cannot_do_without_stays(admin_client: Client, key: str) -> None:
    kind = IdentifierKind.objects.get(key=key)

    answer = admin_client.post(
        f"/admin/identifiers/identifierkind/{kind.pk}/delete/", {"post": "yes"}
    )

    assert answer.status_code == 403


def test_a_kind_that_is_no_more_has_no_room(save: Any) -> None:
    assert Kinds().limit("email") == 0
    assert DEFAULTS.limit("email") == 5
