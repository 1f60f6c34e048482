"""Help with a number, on the server: how a fact is spread, and where it falls apart."""

from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from personalization.profiles.facts import empty_facts
from personalization.profiles.models import Profile
from personalization.segments.distributing import Distribution, spread
from personalization.segments.thresholds import meaning_of
from tests.segments.test_builder import ADD, ARRANGE, sent

pytestmark = pytest.mark.django_db


def test_help_is_offered_where_a_number_is_asked_for(admin_client: Client) -> None:
    plain = {"fact": "trait:country", "operator": "in", "values": "France"}
    rows = (plain, {"fact": "trait:age", "operator": "at_least", "value": "x"}, BOUGHT)

    page = admin_client.post(ADD, sent(*rows))

    builder = page.context["adminform"].form.builder
    assert [row.is_spreadable for row in builder.rows] == [False, True, True]


BOUGHT = {"fact": "count", "event": "purchase", "operator": "greater", "value": ""}


def buyers(*numbers: int) -> None:
    Profile.objects.bulk_create(
        Profile(facts={**empty_facts(), "counts": {"purchase": {"20000": number}}})
        for number in numbers
    )


def test_help_with_a_number_shows_the_spread_and_where_it_falls_apart(
    admin_client: Client,
) -> None:
    buyers(*[1] * 30, *[2] * 20, *[20] * 15)

    said = admin_client.post(ARRANGE, sent(BOUGHT, **{"rule-do": "spread:0"})).json()

    assert said["focus"] == "rule-0-spread"
    assert "65 of the 65 newest profiles" in said["html"]
    assert 'aria-label="Use 2; 17 % have more than that"' in said["html"]
    assert "1: 30+ profiles" in said["html"]
    assert "<span>1</span><span>20</span>" in said["html"]


@pytest.mark.parametrize(
    ("operator", "number", "said", "bar"),
    [
        ("greater", "2", "17 % have more than that", "19"),
        ("at_least", "20", "17 % have at least that", "20"),
        ("less", "20", "83 % have less than that", "21"),
        ("at_most", "2", "83 % have at most that", "20"),
        ("equals", "20", "17 % have exactly that", "20"),
    ],
)
def test_help_with_a_number_says_what_the_rule_then_says(
    admin_client: Client, operator: str, number: str, said: str, bar: str
) -> None:
    buyers(*[1] * 30, *[2] * 20, *[20] * 15)
    row = {**BOUGHT, "operator": operator}

    html = admin_client.post(ARRANGE, sent(row, **{"rule-do": "spread:0"})).json()["html"]

    assert (
        f'value="value:0:{number}" class="rule__button" aria-label="Use {number}; {said}"' in html
    )
    assert f'aria-label="20: 10+ profiles. Use {bar}"' in html


def spread_of(*numbers: float, operator: str = "at_least") -> Distribution:
    return spread(np.array(numbers), read=len(numbers), meaning=meaning_of(operator))


def test_bars_of_whole_numbers_say_the_numbers_that_are_in_them() -> None:
    one_each = spread_of(*[0] * 20, *[1] * 10, *[23] * 10)
    two_each = spread_of(*[0] * 20, *[1] * 10, *[46] * 10)
    fractions = spread_of(*[0] * 20, *[0.5] * 10, *[1.2] * 10)

    assert [bar.said for bar in one_each.bars[:2]] == ["0: 20+ profiles", "1: 10+ profiles"]
    assert (one_each.bars[-1].said, one_each.to_said) == ("23: 10+ profiles", "23")
    assert two_each.bars[0].said == "0 to 1: 30+ profiles"
    assert (two_each.bars[0].low, two_each.bars[0].high) == ("0", "1")
    assert fractions.bars[0].said == "0 to 0.05: 20+ profiles"


def test_the_last_bar_says_that_it_has_all_above() -> None:
    cut = spread_of(*[0] * 990, *range(1, 10), 24, 500)

    assert cut.is_cut
    assert cut.bars[-1].said.startswith(f"{cut.last_said} and more: ")
    # One above the last number of the last bar is above it too.
    assert spread_of(*[0] * 100, *[23] * 100, 24).is_cut


def test_a_bar_of_large_numbers_never_ends_before_it_begins() -> None:
    bars = spread_of(*[1_000] * 20, *[1_499] * 20).bars

    assert [bar.said for bar in bars[:2]] == [
        "about 1000: 20+ profiles",
        "about 1000: 0 profiles",
    ]
    assert all(float(bar.low) <= float(bar.high) for bar in bars)


@pytest.mark.parametrize(("lowest", "value"), [(0, "0"), (1, "0"), (-5, "-6")])
def test_more_than_a_bar_of_the_lowest_is_no_number_that_nobody_can_have(
    lowest: int, value: str
) -> None:
    bars = spread_of(*[lowest] * 20, *[20] * 15, operator="greater").bars

    assert bars[0].value == value


def test_a_threshold_that_parts_off_a_few_does_not_say_how_many(admin_client: Client) -> None:
    buyers(*[1] * 30, *[20] * 9)

    said = admin_client.post(ARRANGE, sent(BOUGHT, **{"rule-do": "spread:0"})).json()

    assert "Use 1; fewer than ten on one side of it" in said["html"]
    assert "have more than that" not in said["html"]


def test_a_bar_sets_both_ends_of_a_range(admin_client: Client) -> None:
    buyers(*[1] * 30, *[20] * 15)
    row = {**BOUGHT, "operator": "between"}

    html = admin_client.post(ARRANGE, sent(row, **{"rule-do": "spread:0"})).json()["html"]
    assert 'value="span:0:20:20"' in html

    said = admin_client.post(ARRANGE, sent(row, **{"rule-do": "span:0:1:20"})).json()
    assert 'name="rule-0-low" value="1"' in said["html"]
    assert 'name="rule-0-high" value="20"' in said["html"]
    assert said["focus"] == "id_rule-0-low"


def test_pressing_a_break_types_it(admin_client: Client) -> None:
    said = admin_client.post(ARRANGE, sent(BOUGHT, **{"rule-do": "value:0:20"})).json()

    assert 'name="rule-0-value" value="20"' in said["html"]
    assert said["focus"] == "id_rule-0-value"


def test_the_spread_names_no_bar_of_fewer_than_ten(admin_client: Client) -> None:
    buyers(*[1] * 30, 7)

    said = admin_client.post(ARRANGE, sent(BOUGHT, **{"rule-do": "spread:0"})).json()

    assert "7: under 10 profiles" in said["html"]


@pytest.mark.parametrize(
    ("row", "notice"),
    [
        ({"fact": "trait:", "operator": "greater"}, "Say first what to look at"),
        ({"fact": "count", "operator": "greater"}, "Say first what to look at"),
        ({"fact": "persona", "operator": "equals"}, "a fact that is a number"),
        ({**BOUGHT, "days": "soon"}, "Say first what to look at"),
    ],
)
def test_the_spread_of_nothing_is_explained(
    admin_client: Client, row: dict[str, Any], notice: str
) -> None:
    said = admin_client.post(ARRANGE, sent(row, **{"rule-do": "spread:0"})).json()

    assert notice in said["notice"]


def test_who_may_not_see_profiles_sees_no_sample_and_no_small_number(client: Client) -> None:
    buyers(*[4] * 3)
    analyst = User.objects.create_user("ana", is_staff=True)
    analyst.groups.add(Group.objects.get(name="Analyst"))
    client.force_login(analyst)

    said = client.post(reverse("segments:preview"), sent({**BOUGHT, "value": "3"})).json()

    assert "under 10 of 3 profiles" in said["html"]
    assert "Some of them" not in said["html"]
