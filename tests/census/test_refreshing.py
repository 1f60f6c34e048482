"""The census follows the profiles, and counts are exact while it does not."""

from datetime import timedelta

import pytest
from django.db import connection

from consent.stores import Person
from personalization.census.counting import count_rules
from personalization.census.models import Change, Row
from personalization.census.personal_data import CensusStore
from personalization.census.refreshing import refresh_census
from personalization.config.celery import app
from personalization.profiles.models import Profile

from .shop import (
    BOUGHT,
    BUYS,
    COUNTRY,
    FRENCH,
    NOON,
    TODAY,
    filled,
    matched,
    only_the_census,
    people,
    rule,
)

pytestmark = pytest.mark.django_db


def test_a_rule_whose_facts_have_slots_reads_no_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    people("France", "Spain", " FRANCE")
    filled(COUNTRY, BOUGHT)
    only_the_census(monkeypatch)

    assert matched(rule(FRENCH, BUYS)) == 2


def test_a_rule_with_another_fact_too_asks_it_of_the_few_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people("France", "Spain")
    filled(COUNTRY)
    only_the_census(monkeypatch)

    assert matched(rule(BUYS, FRENCH)) == 1


def test_without_slots_the_profiles_are_asked() -> None:
    people("France", "Spain")

    assert matched(rule(FRENCH)) == 1
    assert matched(rule(FRENCH, BUYS, match="any")) == 2


def test_a_change_is_counted_before_its_row_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = people("France", "Spain")
    filled(COUNTRY)
    only_the_census(monkeypatch)

    Profile.objects.filter(pk=second.pk).update(facts=first.facts)
    people("France")

    assert matched(rule(FRENCH)) == 3
    assert set(Change.objects.values_list("profile_id", flat=True)) > {second.pk}
    refresh_census(now=NOON, batches=5)
    assert not Change.objects.exists()
    assert matched(rule(FRENCH)) == 3
    assert Row.objects.count() == 3


def test_who_matches_no_more_is_not_counted_though_the_row_still_says_so() -> None:
    first, second = people("France", "Spain")
    filled(COUNTRY)

    Profile.objects.filter(pk=first.pk).update(facts=second.facts)

    assert matched(rule(FRENCH)) == 0
    assert count_rules(rules={"one": rule(FRENCH)}, now=NOON).total == 2


def test_a_deleted_profile_takes_its_row_with_it() -> None:
    first, _ = people("France", "Spain")
    filled(COUNTRY)

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM profiles_profile WHERE id = %s", [first.pk])

    assert list(Row.objects.values_list("pk", flat=True)) != [first.pk]
    counted = count_rules(rules={"one": rule(FRENCH)}, now=NOON)
    assert (counted.total, counted.matched["one"]) == (1, 0)


def test_an_erased_person_is_in_no_row_and_no_note() -> None:
    first, second = people("France", "Spain")
    filled(COUNTRY)
    people("France")
    Change.objects.create(profile_id=first.pk)
    person = Person(frozenset(), frozenset({first.pk}))
    assert CensusStore().count(person) == 2

    CensusStore().erase(person)

    assert CensusStore().count(person) == 0
    assert Row.objects.filter(pk=second.pk).exists()


def test_a_window_is_right_before_and_after_its_rows_are_turned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people(*["France"] * 3)
    filled(BOUGHT, COUNTRY)
    tomorrow = NOON + timedelta(days=1)
    assert matched(rule(BUYS), now=tomorrow) == 0

    # One batch turns the day and rewrites the first profile only.
    monkeypatch.setattr("personalization.census.refreshing.BATCH", 1)
    refresh_census(now=tomorrow, batches=1)
    assert set(Row.objects.values_list("day", flat=True)) == {TODAY, TODAY + 1}
    only_the_census(monkeypatch)

    assert matched(rule(BUYS), now=tomorrow) == 0
    assert matched(rule(FRENCH), now=tomorrow) == 3
    refresh_census(now=tomorrow, batches=10)
    assert matched(rule(BUYS), now=tomorrow) == 0
    assert set(Row.objects.values_list("day", flat=True)) == {TODAY + 1}


def test_what_holds_every_day_is_counted_over_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    people("France")
    filled(COUNTRY)
    only_the_census(monkeypatch)

    assert matched(rule(FRENCH), now=NOON + timedelta(days=3)) == 1


def test_a_worker_whose_clock_is_behind_turns_nothing_back() -> None:
    people("France")
    filled(BOUGHT)

    people("Spain")
    refresh_census(now=NOON - timedelta(days=1), batches=5)

    assert set(Row.objects.values_list("day", flat=True)) == {TODAY}


def test_it_is_kept_current_by_beat() -> None:
    tasks = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert "personalization.census.tasks.keep_census_current" in tasks
    assert "personalization.segments.tasks.choose_census_facts" in tasks
