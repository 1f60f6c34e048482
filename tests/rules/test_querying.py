"""Counting the population, and saying where it cannot be counted."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from personalization.census.assigning import keep_facts
from personalization.census.estimating import estimate_share
from personalization.census.refreshing import refresh_census
from personalization.profiles.models import Profile
from personalization.rules.parsing import Rule, parse_rule
from personalization.rules.querying import NotCountable, matching_profiles
from personalization.rules.tree import Fact
from personalization.segments import previewing
from personalization.segments.models import saved_rule
from personalization.segments.previewing import Preview, preview_rule
from personalization.segments.suggesting import suggestions

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MOBILE = {"fact": "context", "name": "device", "operator": "equals", "value": "mobile"}
FRENCH = {"fact": "trait", "name": "country", "operator": "equals", "value": "France"}

pytestmark = pytest.mark.django_db


def people(*countries: str) -> None:
    Profile.objects.bulk_create(Profile(facts={"traits": {"country": one}}) for one in countries)


def rule(match: str, *conditions: dict[str, Any]) -> Rule:
    return parse_rule({match: list(conditions)})


def test_a_rule_about_the_visit_cannot_be_counted() -> None:
    with pytest.raises(NotCountable, match="device is mobile"):
        matching_profiles(rule("all", FRENCH, MOBILE), now=NOON, resolve=saved_rule)


@pytest.mark.parametrize(("match", "most"), [("all", 1), ("any", 2), ("none", 1)])
def test_assuming_the_visit_counts_the_most_there_can_be(match: str, most: int) -> None:
    people("France", "Spain")

    found = matching_profiles(
        rule(match, FRENCH, MOBILE), now=NOON, resolve=saved_rule, assume_visit=True
    )

    assert found.count() == most


def test_a_rule_never_reaches_the_text_of_the_query() -> None:
    people("France")
    hostile = "x'); DROP TABLE profiles_profile; --%s"
    condition = {"fact": "trait", "name": hostile, "operator": "not_equals", "value": hostile}

    assert matching_profiles(rule("all", condition), now=NOON, resolve=saved_rule).count() == 0
    assert Profile.objects.count() == 1


def test_the_preview_counts_and_shows_a_few() -> None:
    people(*["France"] * 7, *["Spain"] * 3)

    preview = preview_rule(rule=rule("all", FRENCH), now=NOON)

    assert preview.counted == "7 of 10 profiles (70.0 %)"
    assert [sample.country for sample in preview.samples] == ["France"] * 5
    assert preview.sentence == "Country is France."


def test_a_preview_that_may_not_take_long_estimates(monkeypatch: pytest.MonkeyPatch) -> None:
    people(*["France"] * 7, *["Spain"] * 3)
    monkeypatch.setattr(previewing, "HASTY_SECONDS", 0.001)
    monkeypatch.setattr(previewing, "count_rules", slow_count)

    preview = preview_rule(rule=rule("all", FRENCH), now=NOON, is_hasty=True)

    assert preview.is_estimate
    assert preview.counted == "about 7 of about 10 profiles (70.0 %)"
    assert not preview.samples


def test_where_counting_hastily_would_be_in_vain_it_is_not_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people(*["France"] * 7, *["Spain"] * 3)
    monkeypatch.setattr(previewing, "known_total", lambda: previewing.MOST_READ_HASTILY + 1)

    hasty = preview_rule(rule=rule("all", FRENCH), now=NOON, is_hasty=True)
    keep_facts([Fact("trait", "country")])
    refresh_census(now=NOON, batches=5)

    assert (hasty.is_estimate, hasty.matching) == (True, 7)
    assert not preview_rule(rule=rule("all", FRENCH), now=NOON).is_estimate
    assert not preview_rule(rule=rule("all", FRENCH), now=NOON, is_hasty=True).is_estimate


def slow_count(**_: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM generate_series(1, 100000000)")


def test_an_estimate_shows_two_digits() -> None:
    preview = Preview("", 31_487, 971_234, (), (), is_estimate=True)

    assert preview.counted == "about 31,000 of about 970,000 profiles (3.2 %)"
    assert preview.counted_vaguely == preview.counted


def test_an_estimate_is_the_same_each_time() -> None:
    people(*["France", "Spain"] * 50)

    assert estimate_share(rule=rule("all", FRENCH), now=NOON) == (0.5, 100)


def test_the_preview_says_which_conditions_only_a_visit_decides() -> None:
    assert preview_rule(rule=rule("all", MOBILE), now=NOON).visit_conditions == (
        "device is mobile",
    )


def test_values_that_few_people_share_are_not_suggested() -> None:
    people(*["France"] * 10, "Andorra")

    assert suggestions().traits == {"country": ("France",)}
