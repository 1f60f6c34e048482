"""An activity goes live with all it stands on, or not at all."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from personalization.content.models import Activity
from personalization.content.publishing import (
    publish_activity,
    publish_placements,
    unpublish_activity,
)
from personalization.segments.models import Publication, Segment
from personalization.segments.publishing import NotPublishable, current_document

from .conftest import FRENCH, Make

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_segment_placement_and_activity_go_live_in_one_version(make: Make) -> None:
    activity = make.activity(segment=make.segment(), priority=5)

    published = publish_activity(activity=activity, by="ann", now=NOON)

    assert published.version == 1
    assert published.changes == ["segments/french", "activities/bonjour", "placements/home_hero"]
    assert published.document["activities"]["bonjour"]["segment"] == "french"
    assert published.document["segments"]["french"]["rule"] == FRENCH


def test_only_the_fields_of_its_kind_are_published(make: Make) -> None:
    activity = make.activity()
    make.variation(activity, name="List", kind="recommendations", title="For you", limit=6)

    publish_activity(activity=activity, by="ann", now=NOON)

    banner, items = current_document()[1]["activities"]["bonjour"]["variations"]
    assert banner["content"].keys() == {"headline", "text", "link", "button_label", "tone"}
    assert items["content"] == {"title": "For you", "strategy": "recommended", "limit": 6}
    assert (banner["key"], items["key"]) == ("only", "list")


def test_an_activity_with_nothing_to_show_is_refused(make: Make) -> None:
    activity = Activity.objects.create(name="Empty", placement=make.placement())

    with pytest.raises(NotPublishable, match="Add a variation"):
        publish_activity(activity=activity, by="ann", now=NOON)


def test_an_activity_whose_variations_are_all_paused_is_refused(make: Make) -> None:
    activity = make.activity()
    activity.variations.update(weight=0)

    with pytest.raises(NotPublishable, match="paused"):
        publish_activity(activity=activity, by="ann", now=NOON)


def test_an_activity_that_has_ended_is_refused(make: Make) -> None:
    activity = make.activity(ends_at=NOON)

    with pytest.raises(NotPublishable, match="past"):
        publish_activity(activity=activity, by="ann", now=NOON)


def test_every_reason_is_told_and_nothing_is_published(make: Make) -> None:
    broken = make.segment(rule={"all": []})
    activity = make.activity(segment=broken, ends_at=NOON - timedelta(days=1))

    with pytest.raises(NotPublishable) as refused:
        publish_activity(activity=activity, by="ann", now=NOON)

    assert len(refused.value.messages) == 2
    assert not Publication.objects.exists()


def test_taking_an_activity_offline_leaves_its_segment_live(make: Make) -> None:
    activity = make.activity(segment=make.segment())
    publish_activity(activity=activity, by="ann", now=NOON)

    published = unpublish_activity(activity=activity, by="ann", now=NOON)

    assert published.document["activities"] == {}
    assert published.document["segments"].keys() == {"french"}


def test_placements_are_known_before_anything_is_shown_there(make: Make) -> None:
    make.placement("home_hero")
    make.placement("basket")

    published = publish_placements(by="setup", now=NOON)

    assert published.document["placements"].keys() == {"home_hero", "basket"}


def test_html_is_sanitised_when_it_is_saved(make: Make) -> None:
    variation = make.variation(
        make.activity(), name="Html", kind="html", html="<p onclick='x()'>a</p><script>b</script>"
    )

    assert variation.html == "<p>a</p>"


def test_the_database_keeps_ends_after_starts(make: Make) -> None:
    with pytest.raises(IntegrityError, match="activity_ends_after_it_starts"):
        make.activity(starts_at=NOON, ends_at=NOON)


def test_a_segment_in_use_is_not_deleted(make: Make) -> None:
    segment = make.segment()
    make.activity(segment=segment)

    with pytest.raises(IntegrityError):
        Segment.objects.filter(pk=segment.pk).delete()
