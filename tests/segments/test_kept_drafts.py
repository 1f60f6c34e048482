"""What the server tells the script that keeps what was typed."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from personalization.segments.models import Segment

from .test_builder import ADD, country, sent

pytestmark = pytest.mark.django_db


def test_a_saved_draft_is_named_in_a_cookie_of_the_admin(admin_client: Client) -> None:
    admin_client.post(ADD, sent(country("France"), draft="0f-1"))

    cookie = admin_client.cookies["saved_draft"]
    assert (cookie.value, cookie["path"], cookie["samesite"]) == ("0f-1", "/admin/", "Lax")


@pytest.mark.parametrize("draft", ["", "x; path=/", "0" * 41])
def test_nothing_else_becomes_a_cookie(admin_client: Client, draft: str) -> None:
    admin_client.post(ADD, sent(country("France"), draft=draft))

    assert Segment.objects.exists()
    assert "saved_draft" not in admin_client.cookies


def test_what_was_refused_is_not_said_to_be_saved(admin_client: Client) -> None:
    page = admin_client.post(ADD, sent(country(""), draft="0f-1"))

    assert "saved_draft" not in admin_client.cookies
    assert 'name="draft" value="0f-1"' in page.content.decode()


def test_what_somebody_deleted_meanwhile_is_not_said_to_be_saved(admin_client: Client) -> None:
    gone = reverse("admin:segments_segment_change", args=[4711])

    assert admin_client.post(gone, sent(country("France"), draft="0f-1")).status_code == 302
    assert "saved_draft" not in admin_client.cookies


def test_only_whoever_may_send_the_form_gets_what_it_takes(
    client: Client, admin_client: Client
) -> None:
    session = reverse("segments:session")
    assert len(admin_client.get(session).json()["token"]) == 64
    client.logout()
    assert client.get(session).json() == {"token": None}
    client.force_login(User.objects.create_user("sam", is_staff=True))
    assert client.get(session).json() == {"token": None}
