"""What the demo starts with."""

import pytest
from django.test import Client
from django.utils import timezone

from personalization.config.demo.activities import make_activities
from personalization.segments.models import Segment, SegmentSize
from tests.factories import make_item

pytestmark = pytest.mark.django_db


def test_its_segments_have_a_size_on_the_first_day(admin_client: Client) -> None:
    make_item("10001")

    make_activities(now=timezone.now())

    assert SegmentSize.objects.count() == Segment.objects.count() > 0
    page = admin_client.get("/admin/segments/segment/").content.decode()
    assert "not counted yet" not in page
