"""A segment goes only where nothing uses it, whoever asks; and its lists go with it unread."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from personalization.activation.models import Audience, Trigger
from personalization.segments.deleting import uses_of
from personalization.segments.ending import delete_segment
from personalization.segments.listing import list_rule
from personalization.segments.models import GoldenVisitor, ListMember, Segment
from personalization.segments.publishing import publish_segment
from tests.activation.world import make_destination
from tests.factories import NOON
from tests.rules.test_contradicting import bought

from .test_listing import upload

pytestmark = pytest.mark.django_db
Call = Callable[..., Any]


@pytest.fixture
def vips() -> Segment:
    segment = Segment.objects.create(name="VIPs", kind="static", rule=list_rule("none-yet"))
    upload(segment, "anna", "bert")
    return segment


def deleting(segment: Segment) -> str:
    return reverse("admin:segments_segment_delete", args=[segment.pk])


def naming_the_list(segment: Segment) -> Segment:
    rule = {"any": [{"all": [*segment.rule["all"], bought("greater", 1)]}]}
    return Segment.objects.create(name="Buying VIPs", rule=rule)


def test_the_admin_keeps_what_something_follows_as_the_api_does(
    admin_client: Client, vips: Segment
) -> None:
    ads = make_destination("https://ads.example/", vips)
    Audience.objects.create(name="Letter", segment=vips, destination=ads)
    Trigger.objects.create(segment=vips, kind="task", task="shop.greet")

    page = admin_client.get(deleting(vips)).content.decode()
    admin_client.post(deleting(vips), {"post": "yes"})

    assert "Nothing is deleted: this uses it, and would stop working." in page
    assert "When somebody enters: Run the task shop.greet" in page
    assert "Pushed on a schedule: “Letter” to “Ads”" in page
    assert "Webhooks that are told: Ads" in page
    assert Segment.objects.filter(pk=vips.pk).exists()
    assert Trigger.objects.exists()


def test_who_names_a_list_of_it_uses_it(admin_client: Client, vips: Segment) -> None:
    other = naming_the_list(vips)
    said = "Segment “Buying VIPs”, which names a list of “VIPs”: change it first."

    page = admin_client.get(deleting(vips)).content.decode()
    listed = admin_client.get(reverse("admin:segments_segment_changelist"), {"used": "yes"})

    assert said in page
    assert uses_of(vips) == [said]
    assert uses_of(vips, other) == uses_of(other) == []
    assert [one.name for one in listed.context["cl"].result_list] == ["VIPs"]


def test_so_does_who_is_live_with_it(vips: Segment) -> None:
    other = naming_the_list(vips)
    publish_segment(segment=other, by="ann", now=NOON, insists=True)
    Segment.objects.filter(pk=other.pk).update(rule={"all": [bought("greater", 1)]})

    [said] = uses_of(vips)

    assert said[:53] == "The live segment “Buying VIPs” names a list of “VIPs”"


def test_the_page_says_what_goes_with_it(admin_client: Client, vips: Segment) -> None:
    golden = GoldenVisitor.objects.create(name="Regular", facts={}, frozen_at=NOON)
    golden.belongs_to.add(vips)

    page = admin_client.get(deleting(vips)).content.decode()

    assert "Lists of people: 1, with 2 entries" in page
    assert "What is expected of the golden visitor “Regular”" in page


def test_a_list_is_deleted_without_being_read(admin_client: Client, vips: Segment) -> None:
    other = Segment.objects.create(name="Others", kind="static", rule=list_rule("none-yet"))
    upload(other, "carl", "dora")

    with CaptureQueriesContext(
        connection,
    ) as asked:
        admin_client.get(deleting(vips))
        admin_client.post(deleting(vips), {"post": "yes"})
        delete_segment(segment=other, by="ann", now=NOON)

    about = [one["sql"] for one in asked if '"segments_listmember"' in one["sql"]]
    assert [sql.split()[0] for sql in about] == ["DELETE", "DELETE"]
    assert not ListMember.objects.exists()
