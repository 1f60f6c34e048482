"""The census says of every rule what the facts of every profile say."""

from collections import Counter
from itertools import cycle
from random import Random
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.models.proof import GRANTED, WITHDRAWN, ConsentRecord, Suppression
from personalization.census.assigning import keep_facts
from personalization.census.counting import (
    count_combinations,
    count_rules,
    newest_matching,
)
from personalization.census.gathering import gathered
from personalization.census.models import Slot
from personalization.census.planning import current_plan
from personalization.census.refreshing import refresh_census
from personalization.census.slots import seat
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.rules.parsing import parse_rule
from personalization.rules.querying import matching_profiles
from personalization.rules.references import inlined
from personalization.rules.tree import Fact, Group
from tests.rules.drawn_rules import NAMES, PAIRS, RESOLVE, RULES, conditions
from tests.rules.population import NOW, People, population, some_facts

__all__ = ("population",)
MANY = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


def kept(rule: Group) -> None:
    """Let the census hold every fact of the rule that it can."""
    Slot.objects.all().delete()
    keep_facts([one.fact for one in rule.conditions()])
    refresh_census(now=NOW, batches=10)


def change_some() -> None:
    """Change a few profiles after their rows were written, add some and delete one."""
    random = Random(5)
    profiles = list(Profile.objects.order_by("pk"))
    for profile in profiles[::7]:
        profile.facts = some_facts(random)
        profile.save()
    profiles[3].delete()
    for identifier in ProfileIdentifier.objects.order_by("pk")[::5]:
        identifier.profile = random.choice(profiles[4:])
        identifier.save()
    names = list(ProfileIdentifier.objects.values_list("pseudonym", flat=True))
    ConsentRecord.objects.bulk_create(
        ConsentRecord(pseudonym=name, purpose="analytics", state=state, recorded_at=NOW)
        for name, state in zip(names[::3], cycle([GRANTED, WITHDRAWN]), strict=False)
    )
    Suppression.objects.filter(pseudonym__in=names[::4]).delete()
    Profile.objects.bulk_create(Profile(facts=some_facts(random)) for _ in range(3))


def same_answer(raw: Any) -> bool:
    rule = inlined(parse_rule(raw), resolve=RESOLVE)
    by_facts = set(matching_profiles(rule, now=NOW, resolve=RESOLVE).values_list("pk", flat=True))
    counted = count_rules(rules={"one": rule}, now=NOW)
    newest = newest_matching(rule=rule, limit=1_000, now=NOW)
    assert counted.total == Profile.objects.count()
    assert newest == sorted(by_facts, reverse=True)
    with gathered(rule=rule, now=NOW) as table, connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table}")
        assert sorted(pk for (pk,) in cursor.fetchall()) == sorted(by_facts)
    return counted.matched["one"] == len(by_facts)


@given(raw=RULES)
@settings(MANY, max_examples=40)
def test_it_finds_the_same_profiles(population: People, raw: Any) -> None:
    kept(inlined(parse_rule(raw), resolve=RESOLVE))

    assert same_answer(raw)


@given(raw=RULES)
@settings(MANY, max_examples=25)
def test_it_does_so_while_rows_are_older_than_their_profiles(population: People, raw: Any) -> None:
    kept(inlined(parse_rule(raw), resolve=RESOLVE))
    change_some()

    assert same_answer(raw)


@given(raws=st.lists(RULES, min_size=2, max_size=3))
@settings(MANY, max_examples=25)
def test_it_finds_who_is_in_which_of_several(population: People, raws: list[Any]) -> None:
    rules = [inlined(parse_rule(raw), resolve=RESOLVE) for raw in raws]
    kept(Group("all", tuple(rules)))
    change_some()
    found = [
        set(matching_profiles(one, now=NOW, resolve=RESOLVE).values_list("pk", flat=True))
        for one in rules
    ]
    everybody = Profile.objects.values_list("pk", flat=True)

    counted = count_combinations(rules=rules, now=NOW)

    assert counted == Counter(
        sum(1 << bit for bit, members in enumerate(found) if pk in members) for pk in everybody
    )


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
@given(data=st.data())
@settings(MANY, max_examples=3)
def test_it_does_so_for_every_operator_of_every_fact(
    population: People, data: st.DataObject, pair: tuple[str, str]
) -> None:
    raw = {"all": [data.draw(conditions(pair))]}
    rule = inlined(parse_rule(raw), resolve=RESOLVE)
    kept(rule)

    facts = {one.fact for one in rule.conditions()}
    assert current_plan().seats.keys() == {one for one in facts if seat(one, number=0)}
    assert same_answer(raw)


def test_only_the_visit_going_on_has_no_slot() -> None:
    assert seat(Fact("context", "device"), number=0) is None
    kinds = {kind for kind, _ in PAIRS} - {"segment"}
    words: dict[str, Any] = {"days": 3, "of": "items", "then": "purchase", "minutes": 10}
    facts = [Fact(kind, name, **words) for kind in kinds for name in NAMES.get(kind, ["age"])]

    assert [one for one in facts if seat(one, number=0) is None] == []
