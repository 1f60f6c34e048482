"""The pages on which people see what destinations were told, and have it sent again."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from personalization.activation.models import Delivery
from tests.factories import NOON

from .conftest import SECRET, Receiver
from .test_admin import listed, page
from .world import crowd, make_destination, make_segment, pass_on

pytestmark = pytest.mark.django_db


def test_the_log_tells_what_was_answered_and_sends_again(
    admin_client: Client, receiver: Receiver
) -> None:
    make_destination(receiver.url, make_segment())
    receiver.will_answer(500, body=b"<b>busy</b>")
    crowd(1)
    pass_on()
    delivery = Delivery.objects.get()
    Delivery.objects.update(state="failed")

    log = admin_client.get(listed("delivery")).content.decode()
    shown = admin_client.get(page("delivery", delivery.pk)).content.decode()
    again = reverse("admin:activation_delivery_send_it_again", args=[delivery.pk])
    admin_client.get(again)
    assert Delivery.objects.get().state == "failed"
    admin_client.post(again)

    assert "&lt;b&gt;busy&lt;/b&gt;" in log
    assert "given up" in log
    assert "segment.entered" in shown
    assert SECRET not in shown
    assert "(&#x27;" not in shown  # the state in words, not as Python writes it
    assert "given up" in shown
    assert "500 Internal Server Error" in shown
    assert 'data-title="what it said">&lt;b&gt;busy' in shown
    assert " ms</td>" in shown
    assert (Delivery.objects.get().state, Delivery.objects.get().attempts) == ("waiting", 0)


def test_a_marketer_may_not_send_again(client: Client, receiver: Receiver) -> None:
    destination = make_destination(receiver.url)
    delivery = Delivery.objects.create(
        destination=destination, type="test", created_at=NOON, state="failed"
    )
    user = User.objects.create_user("kim", is_staff=True)
    user.groups.add(Group.objects.get(name="Marketer"))
    client.force_login(user)

    again = reverse("admin:activation_delivery_send_it_again", args=[delivery.pk])

    assert client.post(again).status_code == 403
    assert again not in client.get(page("delivery", delivery.pk)).content.decode()
    assert Delivery.objects.get().state == "failed"
