"""An activity that is live, in sentences."""

from django.test import Client
from django.urls import reverse

from personalization.content.describing import describe_activity
from personalization.content.publishing import publish_activity
from personalization.segments.publishing import document_of
from tests.factories import NOON

from .conftest import Make


def test_an_activity_says_to_whom_where_when_and_what(make: Make) -> None:
    activity = make.activity(segment=make.segment(), starts_at=NOON, priority=5)
    document = document_of(publish_activity(activity=activity, by="ann", now=NOON))

    assert describe_activity(document["activities"]["bonjour"], document, {"french": "French"}) == [
        "Named “Bonjour”.",
        "Shown to “French” at “At home_hero” with priority 5.",
        "Runs from 15 June 2026, 12:00, until it is taken offline.",
        "Variation “Only”, weight 1, banner, with headline: Bonjour; tone: calm.",
    ]


def test_a_publication_shows_what_an_activity_became(admin_client: Client, make: Make) -> None:
    activity = make.activity()
    publish_activity(activity=activity, by="ann", now=NOON)
    activity.priority = 7
    activity.save()
    publish_activity(activity=activity, by="ann", now=NOON)

    page = admin_client.get(reverse("admin:segments_publication_changes", args=[2]))

    assert '<ins class="diff__ins">7.</ins>' in page.content.decode()
