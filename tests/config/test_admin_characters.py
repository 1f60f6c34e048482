"""A character that no text in the database can have is refused in words, wherever it is sent."""

import pytest
from django.test import Client
from django.urls import reverse

from personalization.segments.models import Segment

pytestmark = pytest.mark.django_db
SAID = "Remove what you pasted last"


@pytest.mark.parametrize(
    "address",
    [
        "segments/segment/overlap/?segments=x%00",
        "segments/proposal/?state__exact=%00",
        "segments/segment/?kind__exact=%00",
        "segments/segment/?q=a%00b",
        "segments/search?q=a%00b",
        "segments/segment/?a%00b=1",
        "auth/user/?username=a&username=b%00",
    ],
)
def test_a_query_with_a_nul_is_answered_with_what_to_do(admin_client: Client, address: str) -> None:
    answer = admin_client.get(f"/admin/{address}")

    assert answer.status_code == 400
    assert SAID in answer.content.decode()


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("combined", {"name": "Both", "in_all": "a\0"}),
        ("static", {"name": "List", "frozen_from": "a\0"}),
        ("dynamic", {"name": "a\0b"}),
    ],
)
def test_a_form_with_a_nul_is_refused_and_saves_nothing(
    admin_client: Client, kind: str, sent: dict[str, str]
) -> None:
    address = reverse("admin:segments_segment_add", query={"kind": kind})

    answer = admin_client.post(address, sent)

    assert answer.status_code == 400
    assert SAID in answer.content.decode()
    assert not Segment.objects.exists()


def test_other_characters_are_nobodys_concern(admin_client: Client) -> None:
    answer = admin_client.get(reverse("admin:segments_segment_changelist"), {"q": "ü\t%00 “"})

    assert answer.status_code == 200
