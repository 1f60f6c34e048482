"""Many rules are counted in one scan."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from personalization.census import counting
from personalization.census.assigning import keep_facts
from personalization.census.refreshing import refresh_census
from personalization.profiles.models import Profile
from personalization.rules.parsing import Rule, parse_rule
from personalization.rules.querying import matching_profiles
from personalization.segments.counting import count_matches
from personalization.segments.models import saved_rule
from tests.rules.population import NOW, some_facts
from tests.rules.test_contradicting import bought, country

pytestmark = pytest.mark.django_db
Queries = Callable[[int], Any]


@pytest.fixture
def rules() -> dict[str, Rule]:
    random = Random(1)
    Profile.objects.bulk_create(Profile(facts=some_facts(random)) for _ in range(60))
    raw = [
        {"all": [bought("at_least", n % 4), {"none": [country("equals", "France")]}]}
        for n in range(200)
    ]
    return {f"s{n}": parse_rule(one) for n, one in enumerate(raw)}


# Beside the scan: which slots there are, and of traits one for all of them.
PLANNING = 1
WITH_SLOTS = 1
TRAITS = 1


@pytest.mark.parametrize("has_slots", [False, True])
def test_two_hundred_segments_are_counted_in_one_scan(
    rules: dict[str, Rule], django_assert_num_queries: Queries, has_slots: bool
) -> None:
    if has_slots:
        keep_facts([one.fact for one in rules["s0"].conditions()])
        refresh_census(now=NOW, batches=5)
    scan = PLANNING + (WITH_SLOTS if has_slots else 0) + 1
    with django_assert_num_queries(scan + TRAITS):
        counts = count_matches(rules=rules, traits=["country", "mood"], now=NOW)

    assert counts.total == 60
    assert counts.matched["s0"] > counts.matched["s3"]
    for key in ("s0", "s1", "s2", "s3"):
        assert (
            counts.matched[key]
            == matching_profiles(rules[key], now=NOW, resolve=saved_rule).count()
        )
    assert counts.having["mood"] == 0 < counts.having["country"]


def test_more_than_a_query_can_answer_takes_a_few(
    rules: dict[str, Rule], django_assert_num_queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "COLUMNS", 90)

    with django_assert_num_queries(PLANNING + 3):
        counts = count_matches(rules=rules, now=NOW)

    assert len(counts.matched) == 200


def test_without_rules_the_profiles_are_counted_all_the_same(rules: dict[str, Rule]) -> None:
    assert count_matches(rules={}, now=NOW).total == 60
