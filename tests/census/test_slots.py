"""Slots go to the facts that are read most."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from personalization.census import counting
from personalization.census.assigning import keep_facts
from personalization.census.models import Slot
from personalization.census.planning import Plan, current_plan
from personalization.census.refreshing import refresh_census
from personalization.census.slots import SLOTS, seat
from personalization.profiles.models import Profile
from personalization.rules.registering import (
    forget_fact,
    forget_operator,
    register_fact,
    register_operator,
)
from personalization.rules.tree import Fact
from personalization.segments.keeping import keep_facts_of_segments
from personalization.segments.models import Segment
from tests.rules.own_words import IsOneWord, LoyaltyPoints

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
    assert current_plan().seats[city].read(NOON) == outdated.seats[COUNTRY].read(NOON)
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

    agreed, place = Fact("consent", "analytics"), Fact("location", "")
    for fact, shape in (
        (BOUGHT, "amount"),
        (agreed, "flag"),
        (place, "pair"),
        (COUNTRY, "value"),
    ):
        last = seat(fact, number=SLOTS[shape] - 1)
        assert last is not None
        assert last.columns.keys() <= names
