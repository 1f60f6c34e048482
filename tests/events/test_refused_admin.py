"""Refused events and dead letters as those see them who may."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client

from consent.keyspaces import patient_redis_connection
from personalization.events.dead_letters import dead_letter_ids
from personalization.events.models import Event, RefusedEvent
from personalization.events.schema_versions import save_schema
from personalization.events.standards import announce, standards_now
from personalization.events.tracking import track
from personalization.events.validating import validate
from personalization.streams import stream
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db
REFUSED = "/admin/events/refusedevent/"
DEAD = "/admin/events/deadletter/"
NEEDS_COLOUR: dict[str, object] = {
    "properties": {"properties": {"type": "object", "required": ["colour"]}}
}


@pytest.fixture
def officer(client: Client) -> Client:
    user = User.objects.create_user("officer", is_staff=True)
    user.groups.add(Group.objects.get(name="Privacy officer"))
    client.force_login(user)
    return client


def put_into_force(schema: dict[str, object]) -> None:
    save_schema(type="item_view", schema=schema, note="", by="anna", now=NOON)
    announce()
    standards_now()


def refuse(n: int) -> None:
    agree(user_id="anna-the-visitor")
    put_into_force(NEEDS_COLOUR)
    track([make_event(user_id="anna-the-visitor") for _ in range(n)], now=NOON)


def bury(*, message_id: str = "m-1") -> None:
    agree(user_id="anna")
    event = validate(make_event(message_id=message_id), now=NOON)
    stream.bury(stream.Entry(0, b"1-1", [event]), error=ValueError("boom"))


def test_a_refused_event_is_shown_without_who_it_was(officer: Client) -> None:
    refuse(1)
    one = RefusedEvent.objects.get()

    listed = officer.get(REFUSED).content.decode()
    shown = officer.get(f"{REFUSED}{one.pk}/change/").content.decode()

    assert "properties.colour" in listed
    assert "This is missing." in listed
    assert "lanterns" in shown
    assert "anna-the-visitor" not in listed + shown


def test_all_of_a_type_and_reason_are_let_in_at_once(
    officer: Client, consume: Callable[[], None]
) -> None:
    refuse(3)
    put_into_force({"type": "object"})
    first = str(RefusedEvent.objects.values_list("pk", flat=True)[0])
    everything = {"action": "let_in", "_selected_action": [first], "select_across": "1"}

    page = officer.post(f"{REFUSED}?type=item_view", everything, follow=True)
    consume()

    assert "3 let in, 0 still refused." in page.content.decode()
    assert Event.objects.count() == 3
    assert LogEntry.objects.get().change_message == "3 let in, 0 still refused."


def test_the_chosen_ones_are_let_in_and_the_others_stay(officer: Client) -> None:
    refuse(3)
    put_into_force({"type": "object"})
    first = str(RefusedEvent.objects.values_list("pk", flat=True)[0])

    officer.post(REFUSED, {"action": "let_in", "_selected_action": [first]})

    assert RefusedEvent.objects.count() == 2


def test_without_the_stream_the_officer_is_told_and_nothing_is_lost(
    officer: Client, settings: LazySettings
) -> None:
    refuse(1)
    put_into_force({"type": "object"})
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    patient_redis_connection.cache_clear()
    chosen = {"action": "let_in", "_selected_action": [str(RefusedEvent.objects.get().pk)]}

    page = officer.post(REFUSED, chosen, follow=True)

    assert "Nothing is lost" in page.content.decode()
    assert RefusedEvent.objects.count() == 1


def test_dead_letters_are_listed_masked(officer: Client) -> None:
    bury()

    page = officer.get(DEAD).content.decode()

    assert "1 dead letter" in page
    assert "ValueError: boom" in page
    assert "item_view" in page
    assert "anna" not in page


def test_no_dead_letters_is_good_news(officer: Client) -> None:
    assert "There are none" in officer.get(DEAD).content.decode()


def test_a_chosen_letter_goes_back_and_is_stored_once(
    officer: Client, consume: Callable[[], None]
) -> None:
    bury()
    bury(message_id="m-2")
    first, second = dead_letter_ids()

    for _ in range(2):
        officer.post(DEAD, {"do": "send_back", "letter": first})
    consume()

    assert dead_letter_ids() == [second]
    assert Event.objects.count() == 1
    entry = LogEntry.objects.order_by("pk")[0]
    assert (entry.object_id, entry.user.username) == (first, "officer")
    assert "1 sent back" in entry.change_message


def test_all_letters_go_back_or_are_deleted(officer: Client) -> None:
    bury()
    bury(message_id="m-2")
    officer.post(DEAD, {"do": "send_back", "all": "1"})
    assert dead_letter_ids() == []
    bury()

    officer.post(DEAD, {"do": "delete", "all": "1"})

    assert dead_letter_ids() == []
    assert LogEntry.objects.count() == 2


def test_nothing_chosen_is_said(officer: Client) -> None:
    bury()

    page = officer.post(DEAD, {"do": "delete"}, follow=True)

    assert "Tick the letters first." in page.content.decode()
    assert len(dead_letter_ids()) == 1


def test_dead_letters_without_redis_are_a_message_and_no_fault(
    officer: Client, settings: LazySettings
) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    patient_redis_connection.cache_clear()

    page = officer.get(DEAD)

    assert page.status_code == 200
    assert "Redis cannot be reached" in page.content.decode()


def test_a_marketer_sees_neither(client: Client) -> None:
    user = User.objects.create_user("marketer", is_staff=True)
    user.groups.add(Group.objects.get(name="Marketer"))
    client.force_login(user)
    bury()

    assert client.get(REFUSED).status_code == 403
    assert client.get(DEAD).status_code == 403
    assert client.post(DEAD, {"do": "delete", "all": "1"}).status_code == 403
    assert len(dead_letter_ids()) == 1


def test_who_may_only_look_changes_nothing(client: Client) -> None:
    user = User.objects.create_user("looker", is_staff=True)
    group = Group.objects.get(name="Privacy officer")
    user.user_permissions.set(group.permissions.filter(codename="view_deadletter"))
    client.force_login(user)
    bury()

    assert "Send" not in client.get(DEAD).content.decode().split("content-main")[1]
    assert client.post(DEAD, {"do": "send_back", "all": "1"}).status_code == 403
