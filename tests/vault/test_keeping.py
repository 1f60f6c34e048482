"""Direct identifiers, from the door to their rows and out again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from consent.keyspaces import patient_redis_connection
from consent.stores import Person
from personalization.events.models import Event
from personalization.events.tracking import track
from personalization.profiles.merging import Merge, merge_all
from personalization.profiles.models import Profile
from personalization.streams import stream
from personalization.vault.keeping import Statement, keep, keep_all, known
from personalization.vault.looking import look
from personalization.vault.models import Look, SealedValue, SubjectKey
from personalization.vault.moving import share, take_back
from personalization.vault.personal_data import EXPORT, VaultStore
from personalization.vault.sealing import Tampered, UnknownKey
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db
Consume = Callable[[], None]
ADDRESS = "anna@example.com"


def state(value: Any, *, of: int = 7, name: str = "email", minutes: int = 0) -> None:
    keep([Statement(of, name, value, "crm", NOON + timedelta(minutes=minutes))])


def values_of(*profile_ids: int) -> dict[str, Any]:
    return {one.name: one.value for one in known(profile_ids)}


def person(*profile_ids: int) -> Person:
    return Person(frozenset(), frozenset(profile_ids))


def identify(**changes: Any) -> dict[str, Any]:
    traits = {"email": ADDRESS, "firstName": "Anna", "city": "Paris", "country": "France"}
    return make_event(**{"type": "identify", "traits": traits, **changes})


def test_what_a_visitor_states_is_kept_with_its_source_and_time(consume: Consume) -> None:
    agree(user_id="anna")
    track([identify()], now=NOON, source="crm")
    consume()

    profile = Profile.objects.get()
    found = known([profile.pk])
    assert [(one.name, one.value) for one in found] == [
        ("city", "Paris"),
        ("email", ADDRESS),
        ("first_name", "Anna"),
    ]
    assert {(one.source, one.stated_at) for one in found} == {("crm", NOON)}
    assert profile.facts["traits"] == {"country": "France"}


def test_nothing_of_it_is_anywhere_in_the_clear(consume: Consume) -> None:
    agree(user_id="anna")
    track([identify(identifiers={"phone": "+33 1 23 45 67 89"})], now=NOON)
    waiting = repr(list(stream.waiting()))
    consume()

    redis = patient_redis_connection()
    held = repr([(key, redis.dump(key)) for key in redis.scan_iter()])
    rows = repr([list(model.objects.values()) for model in (Event, Profile, SealedValue)])
    for place in (waiting, held, rows):
        for value in (ADDRESS, "Anna", "Paris", "+33 1 23", "+33123"):
            assert value not in place


def test_without_consent_to_personalization_nothing_is_kept(consume: Consume) -> None:
    agree(user_id="anna", to=("analytics",))
    track([identify()], now=NOON)
    consume()

    assert Event.objects.count() == 1
    assert not SealedValue.objects.exists()
    assert not SubjectKey.objects.exists()


def test_the_latest_statement_wins_whatever_arrives_last() -> None:
    state("new@example.com", minutes=5)
    state("old@example.com", minutes=1)

    assert values_of(7) == {"email": "new@example.com"}


def test_a_trait_stated_as_nothing_is_known_no_more() -> None:
    state(ADDRESS)
    state(None, minutes=1)

    assert values_of(7) == {}


def test_each_person_has_a_key_of_their_own() -> None:
    state(ADDRESS)
    state(ADDRESS, of=8)

    assert SubjectKey.objects.values("key_id").distinct().count() == 2


def test_events_without_direct_identifiers_ask_the_vault_nothing(consume: Consume) -> None:
    agree(user_id="anna")
    track([make_event()], now=NOON)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        consume()

    assert not [query for query in queries if "vault_" in query["sql"]]


def test_many_statements_cost_as_many_queries_as_one() -> None:
    def statements(count: int) -> list[Statement]:
        return [Statement(n, "email", ADDRESS, "crm", NOON) for n in range(count)]

    with CaptureQueriesContext(connection) as of_one:
        keep(statements(1))
    with CaptureQueriesContext(connection) as of_many:
        keep(statements(300))
    with CaptureQueriesContext(connection) as of_none:
        keep_all([])

    assert len(of_many) == len(of_one)
    assert len(of_none) == 0


@pytest.mark.parametrize("name", ["email", "phone"])
def test_a_value_swapped_into_another_row_is_refused(name: str) -> None:
    state(ADDRESS)
    state("123", name="phone")
    state("bert@example.com", of=8, name=name)
    foreign = SealedValue.objects.get(profile_id=8)
    SealedValue.objects.filter(profile_id=7, name="email").update(sealed=foreign.sealed)

    with pytest.raises((Tampered, UnknownKey)):
        known([7])


def test_a_value_swapped_within_a_profile_is_refused() -> None:
    state(ADDRESS)
    state("123", name="phone")
    phone = SealedValue.objects.get(name="phone")
    SealedValue.objects.filter(name="email").update(sealed=phone.sealed)

    with pytest.raises(Tampered):
        known([7])


def test_a_whole_row_given_to_somebody_else_is_refused() -> None:
    state(ADDRESS)
    SubjectKey.objects.update(profile_id=9)
    SealedValue.objects.update(profile_id=9)

    with pytest.raises(Tampered):
        known([9])


def test_erasing_destroys_key_and_values_and_can_be_repeated() -> None:
    state(ADDRESS)
    state("bert@example.com", of=8)
    store = VaultStore()
    assert store.count(person(7)) == 2

    for _ in range(2):
        store.erase(person(7))

    assert store.count(person(7)) == 0
    assert values_of(7, 8) == {"email": "bert@example.com"}


def test_what_was_sealed_under_a_destroyed_key_never_opens_again() -> None:
    state(ADDRESS)
    (kept,) = SealedValue.objects.all()
    VaultStore().erase(person(7))
    state("123", name="phone")
    SealedValue.objects.create(
        profile_id=7, name="email", sealed=kept.sealed, source="crm", stated_at=NOON
    )

    with pytest.raises(UnknownKey):
        known([7])


def test_a_person_is_given_what_is_kept_of_them() -> None:
    state(ADDRESS)

    (record,) = VaultStore().export(person(7))

    assert record == {"name": "email", "value": ADDRESS, "source": "crm", "stated_at": NOON}
    look = Look.objects.get()
    assert (look.seen_by, look.profile_id, look.fields) == (EXPORT, 7, ["email"])


def test_a_merge_shares_what_is_sealed_and_the_latest_wins() -> None:
    kept, absorbed = Profile.objects.create(facts={}), Profile.objects.create(facts={})
    state("old@example.com", of=kept.pk)
    state("new@example.com", of=absorbed.pk, minutes=3)
    state("123", of=absorbed.pk, name="phone")

    merge_all([Merge(kept.pk, absorbed.pk, reason="test")])

    assert values_of(kept.pk) == {"email": "new@example.com", "phone": "123"}


def test_what_was_shared_is_taken_back_and_what_was_stated_since_stays() -> None:
    state("123", of=8, name="phone")
    state("old@example.com", of=8)
    share(from_owner=8, to_owner=7)
    state("new@example.com", of=7, minutes=5)

    take_back(from_owner=7, to_owner=8)

    assert values_of(7) == {"email": "new@example.com"}
    assert values_of(8) == {"phone": "123", "email": "old@example.com"}


def test_sharing_from_somebody_of_whom_nothing_is_sealed_changes_nothing() -> None:
    state(ADDRESS)

    share(from_owner=8, to_owner=7)

    assert values_of(7) == {"email": ADDRESS}


def test_each_look_is_written_down_without_what_was_seen() -> None:
    state(ADDRESS)
    look(profile_id=7, seen_by="officer", now=NOON)
    look(profile_id=8, seen_by="officer", now=NOON)

    (written,) = Look.objects.values()
    assert (written["seen_by"], written["profile_id"], written["fields"]) == (
        "officer",
        7,
        ["email"],
    )
    assert ADDRESS not in repr(written)


@pytest.mark.parametrize(
    "act",
    [lambda: Look.objects.update(seen_by="nobody"), lambda: Look.objects.all().delete()],
    ids=["update", "delete"],
)
def test_a_look_can_be_neither_changed_nor_deleted(act: Callable[[], object]) -> None:
    Look.objects.create(seen_by="officer", profile_id=7, fields=["email"], seen_at=NOON)

    with pytest.raises(IntegrityError):
        act()


class LatestWins(TestCase):
    """Whatever the order of arrival, each trait is what was stated last."""

    @given(
        st.lists(
            st.tuples(
                st.integers(1, 3), st.sampled_from(["email", "phone"]), st.integers(0, 9), st.text()
            ),
            max_size=8,
            unique_by=lambda one: one[:3],
        ),
        st.integers(0, 8),
    )
    def test_any_order_of_statements_gives_the_same(
        self, made: list[tuple[int, str, int, str]], split: int
    ) -> None:
        statements = [
            Statement(who, name, value, "crm", NOON + timedelta(minutes=minute))
            for who, name, minute, value in made
        ]
        keep(statements[:split])
        keep(statements[split:])

        newest = {
            (one.profile_id, one.name): one.value
            for one in sorted(statements, key=lambda one: one.stated_at)
        }
        found = {(one.profile_id, one.name): one.value for one in known([1, 2, 3])}
        assert found == newest
