"""What could not be stored is looked at, sent back once, or deleted."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings

from consent.stores import Person
from consent.subjects import Subject
from personalization.events.accepted import AcceptedEvent
from personalization.events.dead_letters import (
    dead_letter_ids,
    dead_letters,
    delete_letters,
    delete_old_letters,
    send_back,
)
from personalization.events.models import Event
from personalization.events.personal_data import WaitingEvents
from personalization.events.validating import validate
from personalization.streams import stream
from personalization.streams.burying import buried, revive
from personalization.vault.carrying import open_from_stream
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db
PERSON = Person(frozenset(Subject.of(user_id="anna").pseudonyms), frozenset())


def bury(*, message_id: str = "m-1", error: str = "boom") -> None:
    event = validate(make_event(message_id=message_id), now=NOON)
    stream.bury(stream.Entry(0, b"1-1", [event]), error=ValueError(error))


def bury_nonsense(*payload: object) -> None:
    stream.bury(stream.Entry(0, b"1-1", [list(payload)]), error=ValueError("boom"))


def test_a_letter_says_when_why_what_and_how_many_but_not_who() -> None:
    bury(error='invalid\nCONTEXT: COPY incoming, line 1: "anna@example.com"')

    (letter,) = dead_letters(limit=10)

    assert (letter.type, letter.events, letter.reason) == ("item_view", 1, "ValueError: invalid")
    assert letter.can_return
    assert "anna" not in repr(letter)


def test_a_letter_sent_back_is_stored_once(consume: Callable[[], None]) -> None:
    agree(user_id="anna")
    bury()
    (letter_id,) = dead_letter_ids()

    first, second = send_back([letter_id]), send_back([letter_id])
    consume()

    assert (first.revived, second.revived, second.gone) == (1, 0, 1)
    assert Event.objects.count() == 1
    assert dead_letter_ids() == []


def test_of_two_who_send_a_letter_back_at_once_one_comes_too_late() -> None:
    bury()
    (entry,) = buried()  # as both have read it
    keyed = [("anna", payload) for payload in entry.payloads]

    assert revive(entry.id, keyed=keyed)
    assert not revive(entry.id, keyed=keyed)

    assert sum(len(payloads) for _, _, payloads in stream.waiting()) == 1


def test_a_letter_goes_back_into_its_visitors_shard() -> None:
    bury()

    send_back(dead_letter_ids())

    ((name, _, _),) = stream.waiting()
    assert [name] == [stream.EVENTS.key(shard) for shard in stream.by_shard([("anna", [])])]


def test_what_is_no_event_stays_and_the_rest_goes_back() -> None:
    bury_nonsense("not", "an", "event")
    bury_nonsense("m", "item_view", 1.0, 1.0, 7, 7, {}, {}, {}, {})
    bury()

    done = send_back(dead_letter_ids())

    assert (done.revived, done.unreadable) == (1, 2)
    assert [letter.type for letter in dead_letters(limit=10)] == ["unreadable"] * 2


def test_letters_are_deleted_for_good() -> None:
    bury()
    bury(message_id="m-2")
    first, second = dead_letter_ids()

    assert delete_letters([first, first]) == 1

    assert dead_letter_ids() == [second]


def test_letters_are_listed_a_page_at_a_time() -> None:
    for n in range(5):
        bury(message_id=f"m-{n}")
    ids = dead_letter_ids()

    assert [one.id for one in dead_letters(limit=2)] == ids[:2]
    assert [one.id for one in dead_letters(after=ids[1], limit=2)] == ids[2:4]


def test_an_erasure_reaches_letters_even_such_as_are_no_event() -> None:
    bury()
    bury_nonsense("not", ["an", {"event of": "anna"}])
    bury_nonsense("somebody", "else's")
    store = WaitingEvents()

    assert store.count(PERSON) == 2
    store.erase(PERSON)

    assert store.count(PERSON) == 0
    assert len(dead_letter_ids()) == 1


def test_letters_that_nobody_sent_back_in_time_are_deleted(settings: LazySettings) -> None:
    settings.DEAD_LETTERS_KEPT_DAYS = 90
    bury()
    buried_at = dead_letters(limit=1)[0].buried_at

    early = delete_old_letters(now=buried_at + timedelta(days=90))
    late = delete_old_letters(now=buried_at + timedelta(days=90, milliseconds=1))

    assert (early, late, dead_letter_ids()) == (0, 1, [])


def test_a_letter_carries_what_the_door_sealed_there_and_back() -> None:
    event = validate(make_event(traits={"email": "anna@example.com"}), now=NOON)
    stream.bury(stream.Entry(0, b"1-1", [event]), error=ValueError("boom"))

    send_back(dead_letter_ids())

    [(_, _, [payload])] = stream.waiting()
    returned = AcceptedEvent.from_wire(payload)
    assert "example.com" not in str(payload)
    assert open_from_stream(returned.sealed, message_id=returned.message_id) == {
        "email": "anna@example.com"
    }
