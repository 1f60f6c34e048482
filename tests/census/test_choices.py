"""Who agreed to a purpose is counted by columns, and exactly, whatever changed since."""

from datetime import timedelta

import pytest
from django.db import transaction

from consent.models.proof import GRANTED, WITHDRAWN, ConsentRecord, Suppression
from consent.stores import Person
from personalization.census.models import Change, ChoiceChange
from personalization.census.personal_data import CensusStore
from personalization.census.refreshing import refresh_census
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.rules.tree import Fact

from .shop import COUNTRY, NOON, filled, matched, only_the_census, other_connection, people, rule

pytestmark = pytest.mark.django_db
ANALYTICS = Fact("consent", "analytics")
AGREES = {"fact": "consent", "name": "analytics", "operator": "granted"}
REFUSES = {"fact": "consent", "name": "analytics", "operator": "not_granted"}


def identify(profile: Profile, *names: str) -> None:
    ProfileIdentifier.objects.bulk_create(
        ProfileIdentifier(profile=profile, kind="anonymous", pseudonym=one) for one in names
    )


def choose(name: str, state: str = GRANTED) -> None:
    ConsentRecord.objects.create(pseudonym=name, purpose="analytics", state=state, recorded_at=NOON)


@pytest.fixture(autouse=True)
def _census(monkeypatch: pytest.MonkeyPatch) -> None:
    anna, bert, _ = people("France", "Spain", "Italy")
    identify(anna, "a1", "a2")
    identify(bert, "b1")
    choose("a1")
    choose("b1", WITHDRAWN)
    filled(ANALYTICS, COUNTRY)
    only_the_census(monkeypatch)


def test_rows_say_who_agreed() -> None:
    assert (matched(rule(AGREES)), matched(rule(REFUSES))) == (1, 2)
    assert not Change.objects.exists()
    assert not ChoiceChange.objects.exists()


@pytest.mark.parametrize(
    ("name", "state", "agree"), [("a2", WITHDRAWN, 0), ("a2", GRANTED, 1), ("b1", GRANTED, 2)]
)
def test_a_choice_counts_before_and_after_its_row_is_written(
    name: str, state: str, agree: int
) -> None:
    choose(name, state)

    assert matched(rule(AGREES)) == agree
    refresh_census(now=NOON, batches=5)
    assert matched(rule(AGREES)) == agree
    assert not ChoiceChange.objects.exists()


def test_an_identifier_takes_its_choice_to_another_profile() -> None:
    bert = Profile.objects.get(identifiers__pseudonym="b1")
    ProfileIdentifier.objects.filter(pseudonym="b1").delete()
    assert (matched(rule(AGREES)), matched(rule(REFUSES))) == (1, 2)

    ProfileIdentifier.objects.filter(pseudonym="a1").update(profile=bert)
    assert matched(rule(AGREES, country("Spain"))) == 1
    refresh_census(now=NOON, batches=5)

    assert matched(rule(AGREES, country("Spain"))) == 1
    assert matched(rule(AGREES)) == 1


def country(name: str) -> dict[str, str]:
    return {"fact": "trait", "name": "country", "operator": "equals", "value": name}


def test_what_an_erased_person_chose_before_counts_no_more() -> None:
    erased = Suppression.objects.create(pseudonym="a1", erased_at=NOON + timedelta(hours=1))
    assert matched(rule(AGREES)) == 0
    refresh_census(now=NOON, batches=5)
    assert matched(rule(AGREES)) == 0

    erased.erased_at = NOON - timedelta(hours=1)
    erased.save()
    assert matched(rule(AGREES)) == 1


def test_an_erased_person_is_in_no_note_of_a_choice() -> None:
    choose("a2")
    choose("b1")
    person = Person(frozenset({"a1", "a2"}), frozenset())
    assert CensusStore().count(person) == 1

    CensusStore().erase(person)

    assert list(ChoiceChange.objects.values_list("pseudonym", flat=True)) == ["b1"]


@pytest.mark.django_db(transaction=True)
def test_a_choice_and_its_identifier_may_come_at_the_same_moment() -> None:
    anna = Profile.objects.get(identifiers__pseudonym="a1")
    ConsentRecord.objects.create(
        pseudonym="a3", purpose="analytics", state=GRANTED, recorded_at=NOON
    )
    refresh_census(now=NOON, batches=5)
    withdrawn = (
        "INSERT INTO consent_consentrecord (pseudonym, purpose, state, notice_locale, notice_hash,"
        " mechanism, jurisdiction, ip, user_agent, recorded_at)"
        " VALUES ('a3', 'analytics', 'withdrawn', '', '', '', '', '', '', now())"
    )
    with other_connection() as other:
        # Neither sees the other, and the identifier's note is gone before the choice is there.
        other.execute(withdrawn)
        with transaction.atomic():
            identify(anna, "a3")
        refresh_census(now=NOON, batches=5)
        assert matched(rule(AGREES)) == 1
        other.commit()

    assert matched(rule(AGREES)) == 0
    refresh_census(now=NOON, batches=5)
    assert matched(rule(AGREES)) == 0
