"""The census follows the profiles, and counts are exact while it does not."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from consent.stores import Person
from personalization.census import counting
from personalization.census.assigning import keep_facts
from personalization.census.counting import count_rules
from personalization.census.models import Change, Row, Slot
from personalization.census.personal_data import CensusStore
from personalization.census.planning import Plan, current_plan
from personalization.census.refreshing import refresh_census
from personalization.census.slots import SLOTS, seat
from personalization.config.celery import app
from personalization.profiles.models import Profile
from personalization.rules.parsing import parse_rule
from personalization.rules.registering import (
    forget_fact,
    forget_operator,
    register_fact,
    register_operator,
)
from personalization.rules.tree import Fact, Group
from personalization.segments.keeping import keep_facts_of_segments
from personalization.segments.models import Segment
from tests.rules.own_words import IsOneWord, LoyaltyPoints

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = int(NOON.timestamp()) // 86_400
COUNTRY = Fact("trait", "country")
BOUGHT = Fact("count", "purchase", days=1)
FRENCH = {"fact": "trait", "name": "country", "operator": "equals", "value": "France"}
BUYS = {"fact": "count", "event": "purchase", "days": 1, "operator": "at_least", "value": 1}
Queries = Callable[[int], Any]


def rule(*conditions: dict[str, Any], match: str = "all") -> Group:
    return parse_rule({match: list(conditions)})


def people(*countries: str) -> list[Profile]:
    facts = [
        {"traits": {"country": one}, "counts": {"purchase": {str(TODAY): 1}}} for one in countries
    ]
    return Profile.objects.bulk_create(Profile(facts=one) for one in facts)


def filled(*facts: Fact) -> None:
    keep_facts(facts)
    assert refresh_census(now=NOON, batches=20).is_current


def matched(wanted: Group, now: datetime = NOON) -> int:
    return count_rules(rules={"one": wanted}, now=now).matched["one"]


def only_the_census(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a count fail that has to read all profiles."""
    monkeypatch.delattr(counting, "ALL_PROFILES")


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


def test_a_new_fact_is_read_once_all_rows_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    people("France", "Spain")
    filled(COUNTRY)
    monkeypatch.setattr("personalization.census.refreshing.BATCH", 1)

    assert keep_facts([COUNTRY, BOUGHT]) == 1
    refresh_census(now=NOON, batches=1)
    assert current_plan().seats.keys() == {COUNTRY}
    refresh_census(now=NOON, batches=5)

    assert current_plan().seats.keys() == {COUNTRY, BOUGHT}
    only_the_census(monkeypatch)
    assert matched(rule(BUYS)) == 2


def test_while_rows_are_rewritten_no_further_fact_begins_that_anew() -> None:
    people("France")
    keep_facts([COUNTRY])

    assert keep_facts([COUNTRY, BOUGHT]) == 0


def test_a_fact_gives_up_its_slot_only_to_one_that_is_wanted() -> None:
    windows = [Fact("count", "purchase", days=days + 1) for days in range(SLOTS["amount"] + 1)]
    filled(*windows)
    assert windows[-1] not in current_plan().seats

    filled(COUNTRY)
    assert windows[5] in current_plan().seats
    filled(windows[-1], *windows[:5])

    seats = current_plan().seats
    assert windows[-1] in seats
    assert {*windows[:5]} <= seats.keys()
    assert len(seats) == SLOTS["amount"] + 1


def test_a_count_planned_for_other_slots_is_planned_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people("France", "Spain")
    filled(COUNTRY)
    outdated = current_plan()
    Slot.objects.all().delete()
    city = Fact("trait", "city")
    filled(city)
    assert current_plan().seats[city].kept == outdated.seats[COUNTRY].kept
    plans: Iterator[Plan] = iter([outdated, current_plan()])
    monkeypatch.setattr(counting, "current_plan", lambda: next(plans))

    assert matched(rule(FRENCH)) == 1


def test_a_fact_that_is_read_in_another_way_now_is_filled_anew() -> None:
    people("France")
    filled(COUNTRY)
    Slot.objects.update(made_by="an earlier release")

    assert current_plan().seats == {}
    refresh_census(now=NOON, batches=5)
    filled(COUNTRY)
    assert current_plan().seats.keys() == {COUNTRY}


def test_the_facts_of_segments_get_slots_and_the_command_fills_them() -> None:
    people("France")
    Segment.objects.create(name="French", rule={"all": [FRENCH]})
    Segment.objects.create(name="Unfinished", rule={})

    assert keep_facts_of_segments() == 1
    call_command("refresh_census", verbosity=0)

    assert current_plan().seats.keys() == {COUNTRY}


def test_it_is_kept_current_by_beat() -> None:
    tasks = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert "personalization.census.tasks.keep_census_current" in tasks
    assert "personalization.segments.tasks.choose_census_facts" in tasks


@pytest.fixture
def own() -> Iterator[None]:
    register_fact(LoyaltyPoints())
    register_operator(IsOneWord())
    yield
    forget_fact("loyalty_points")
    forget_operator("is_one_word")


def test_an_own_fact_gets_a_slot_and_an_own_operator_reads_the_profile(
    own: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Profile.objects.create(facts={"sums": {"purchase": {str(TODAY): 42.5}}, "persona": "fan"})
    points = {"fact": "loyalty_points", "operator": "at_least", "value": 42}
    one_word = {"fact": "persona", "operator": "is_one_word"}
    filled(*[one.fact for one in rule(points, one_word).conditions()])
    assert len(current_plan().seats) == 2

    assert not current_plan().can_read(rule(one_word), NOON)
    assert matched(rule(one_word)) == 1
    only_the_census(monkeypatch)
    assert matched(rule(points, one_word)) == 1


def test_a_number_of_any_size_keeps_its_place() -> None:
    sizes = (10**30, 1.7e308, 5e-324, -(10**18))
    Profile.objects.bulk_create(Profile(facts={"traits": {"size": one}}) for one in sizes)
    size = {"fact": "trait", "name": "size", "operator": "greater", "value": 0}
    filled(Fact("trait", "size"))

    assert matched(rule(size)) == 3


def test_every_seat_has_columns_of_the_table() -> None:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, "census_row")
    names = {column.name for column in described}

    for fact, shape in ((BOUGHT, "amount"), (COUNTRY, "value")):
        last = seat(fact, number=SLOTS[shape] - 1)
        assert last is not None
        assert last.columns.keys() <= names


def _other_connection() -> psycopg.Connection[Any]:
    settings = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return psycopg.connect(**{name: settings[name] for name in names if name in settings})


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_committed_while_a_row_is_written_is_not_lost() -> None:
    [one] = people("Spain")
    filled(COUNTRY)
    french = '{"traits": {"country": "France"}}'
    with _other_connection() as other:
        other.execute("UPDATE profiles_profile SET facts = %s WHERE id = %s", [french, one.pk])
        # Its note is not to be seen yet, so that this refreshing finds nothing.
        refresh_census(now=NOON, batches=5)
        assert matched(rule(FRENCH)) == 0
        other.commit()

        assert matched(rule(FRENCH)) == 1
    refresh_census(now=NOON, batches=5)
    assert matched(rule(FRENCH)) == 1
    assert not Change.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_change_between_taking_the_note_and_reading_the_facts_keeps_its_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [one] = people("Spain")
    filled(COUNTRY)
    Profile.objects.filter(pk=one.pk).update(facts={"traits": {"country": "Italy"}})
    french = '{"traits": {"country": "France"}}'
    read = "personalization.census.refreshing.read_facts"
    with _other_connection() as other:

        def read_then_change(ids: Any) -> dict[int, Any]:
            facts = {pk: dict(Profile.objects.get(pk=pk).facts) for pk in ids}
            other.execute("UPDATE profiles_profile SET facts = %s WHERE id = %s", [french, one.pk])
            other.commit()
            return facts

        monkeypatch.setattr(read, read_then_change)
        refresh_census(now=NOON, batches=1)
    monkeypatch.undo()

    assert Change.objects.filter(profile_id=one.pk).exists()
    assert matched(rule(FRENCH)) == 1
    refresh_census(now=NOON, batches=5)
    assert matched(rule(FRENCH)) == 1


@pytest.mark.django_db(transaction=True)
def test_whoever_holds_a_profile_is_not_made_to_wait_for_the_census() -> None:
    [one] = people("Spain")
    with _other_connection() as other:
        other.execute("SELECT FROM profiles_profile WHERE id = %s FOR UPDATE", [one.pk])

        done = refresh_census(now=NOON, batches=5)

        assert (done.written, done.is_current) == (0, False)
        assert Change.objects.filter(profile_id=one.pk).exists()
        other.rollback()
    assert refresh_census(now=NOON, batches=5).is_current


@pytest.mark.django_db(transaction=True)
def test_two_refresh_one_after_the_other() -> None:
    people("Spain")
    filled(COUNTRY)
    people("France")
    with _other_connection() as other:
        other.execute("SELECT FROM census_layout FOR UPDATE")

        assert refresh_census(now=NOON, batches=5).written == 0
        assert matched(rule(FRENCH)) == 1
        other.rollback()
    assert refresh_census(now=NOON, batches=5).written == 1
