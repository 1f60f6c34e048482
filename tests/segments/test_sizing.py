"""How large live segments were, day by day."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from personalization.config.celery import app
from personalization.profiles.facts import empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.profiles.models import Profile
from personalization.segments.drawing import points
from personalization.segments.models import Segment, SegmentSize
from personalization.segments.publishing import publish_segment
from personalization.segments.sizing import record_sizes
from personalization.segments.tasks import record_segment_sizes
from tests.rules.test_contradicting import bought

pytestmark = pytest.mark.django_db
Queries = Callable[[int], Any]


@pytest.fixture
def regulars() -> Segment:
    facts = empty_facts()
    remember(facts, Happening("purchase", timezone.now()))
    Profile.objects.create(facts=facts)
    Profile.objects.create(facts={})
    segment = Segment.objects.create(name="Regulars", rule={"all": [bought("at_least", 1)]})
    publish_segment(segment=segment, by="ann", now=timezone.now())
    return segment


def test_live_segments_are_counted_and_drafts_are_not(regulars: Segment) -> None:
    Segment.objects.create(name="Draft", rule=regulars.rule)

    record_segment_sizes()

    size = SegmentSize.objects.get()
    assert (size.key, size.matched, size.total) == ("regulars", 1, 2)


def test_a_second_run_on_the_same_day_replaces_the_first(regulars: Segment) -> None:
    now = timezone.now()
    record_sizes(now=now)
    Profile.objects.create(facts={})

    assert record_sizes(now=now) == 1
    assert SegmentSize.objects.get().total == 3
    record_sizes(now=now + timedelta(days=1))
    assert SegmentSize.objects.count() == 2


def test_any_number_of_segments_takes_the_same_queries(
    regulars: Segment, django_assert_max_num_queries: Queries
) -> None:
    for n in range(30):
        segment = Segment.objects.create(name=f"S{n}", rule=regulars.rule)
        publish_segment(segment=segment, by="ann", now=timezone.now())

    with django_assert_max_num_queries(5):
        assert record_sizes(now=timezone.now()) == 31


def test_with_nothing_live_nothing_is_counted() -> None:
    assert record_sizes(now=timezone.now()) == 0


def test_it_runs_every_night() -> None:
    tasks = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert record_segment_sizes.name in tasks


def test_a_line_goes_from_zero_at_the_bottom_to_the_largest_at_the_top() -> None:
    assert points([0, 5, 10], width=26, height=26) == "3.0,23.0 13.0,13.0 23.0,3.0"
    assert points([4], width=26, height=26) == "3.0,3.0 23.0,3.0"
    assert points([0, 0], width=26, height=26) == "3.0,23.0 23.0,23.0"


def test_the_list_and_the_page_draw_it(admin_client: Client, regulars: Segment) -> None:
    listing = reverse("admin:segments_segment_changelist")
    assert "not counted yet" in admin_client.get(listing).content.decode()
    now = timezone.now()
    for days, matched in ((60, 77), (2, 1_234), (1, 5_678)):
        day = now.date() - timedelta(days=days)
        SegmentSize.objects.create(key="regulars", day=day, matched=matched, total=9_000)

    page = reverse("admin:segments_segment_change", args=[regulars.pk])

    listed = admin_client.get(listing).content.decode()
    assert "From 1,234 to 5,678 profiles over 2 days counted" in listed
    shown = admin_client.get(page).content.decode()
    assert "Size over the last weeks" in shown
    assert "5,678 of 9,000 profiles" in shown


def test_the_list_takes_the_same_queries_for_many(
    admin_client: Client, regulars: Segment, django_assert_max_num_queries: Queries
) -> None:
    Segment.objects.bulk_create(
        Segment(name=f"S{n}", key=f"s{n}", rule=regulars.rule) for n in range(90)
    )

    with django_assert_max_num_queries(12):
        admin_client.get(reverse("admin:segments_segment_changelist"))
