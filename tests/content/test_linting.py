"""What the check says of activities."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from personalization.content.linting import Showing, lint_activities, lint_usage
from personalization.content.publishing import publish_activity
from tests.factories import NOON

from .conftest import Make

FRENCH = ("condition", "French")


def showing(key: str, priority: int = 0, **changes: Any) -> Showing:
    fields: dict[str, Any] = {
        "name": key.title(),
        "placement": "home_hero",
        "segment": "french",
        "rule": FRENCH,
        "starts_at": None,
        "ends_at": None,
    }
    return Showing(key=key, priority=priority, **(fields | changes))


def lint(one: Showing, *live: Showing) -> list[str]:
    return [found.problem for found in lint_activities(saved=[(1, one)], live=live, now=NOON)]


def day(number: int) -> datetime:
    return NOON + timedelta(days=number)


HIDDEN = ["“First” comes before it and has the same visitors: it never shows."]


@pytest.mark.parametrize(
    "first",
    [
        showing("first", 5),
        showing("first", 5, segment=None, rule=None),
        showing("first", 5, segment="les-francais"),
        showing("first", 5, starts_at=day(-3)),
    ],
)
def test_one_behind_another_for_the_same_visitors_never_shows(first: Showing) -> None:
    assert lint(showing("second"), first) == HIDDEN


def test_of_equal_priorities_the_first_key_wins() -> None:
    assert lint(showing("second"), showing("first")) == HIDDEN
    assert lint(showing("first"), showing("second")) == []


@pytest.mark.parametrize(
    "first",
    [
        showing("first", -1),
        showing("first", 5, placement="basket"),
        showing("first", 5, rule=("condition", "German"), segment="german"),
        showing("first", 5, ends_at=day(-1)),
        showing("second", 5),
    ],
)
def test_one_that_has_visitors_of_its_own_is_left_alone(first: Showing) -> None:
    assert lint(showing("second"), first) == []


def test_one_for_everyone_is_not_hidden_by_one_for_some() -> None:
    assert lint(showing("second", segment=None, rule=None), showing("first", 5)) == []


def test_one_hidden_for_a_while_says_when() -> None:
    first = showing("first", 5, starts_at=day(2), ends_at=day(4))

    assert lint(showing("second"), first) == ["“First” hides it from 17 June 2026 to 19 June 2026."]
    assert lint(showing("second", ends_at=day(1)), first) == []
    assert lint(showing("second", starts_at=day(2), ends_at=day(3)), first) == HIDDEN


def test_a_segment_that_no_activity_is_for_is_named() -> None:
    segments = [(1, "french", "French"), (2, "german", "German")]

    [found] = lint_usage(segments=segments, used={"french"})

    assert (found.pk, found.severity, found.problem) == (2, "hint", "No activity is for it.")


def test_the_page_names_what_is_live_and_in_the_way(admin_client: Client, make: Make) -> None:
    segment = make.segment()
    first = make.activity("First", segment=segment, priority=5)
    publish_activity(activity=first, by="ann", now=NOON)
    second = make.activity("Second", segment=segment)

    page = admin_client.get(reverse("admin:segments_segment_lint")).content.decode()

    assert "it never shows" in page
    assert reverse("admin:content_activity_change", args=[second.pk]) in page
    assert "No activity is for it" not in page


def test_a_draft_hides_nobody(admin_client: Client, make: Make) -> None:
    make.activity("First", priority=5)
    make.activity("Second")

    page = admin_client.get(reverse("admin:segments_segment_lint")).content.decode()

    assert "it never shows" not in page
