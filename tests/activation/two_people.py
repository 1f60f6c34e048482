"""Two people and what they press, where a second one must approve."""

import re

from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from personalization.activation.models import Trigger
from personalization.activation.second_person import Followed
from personalization.content.models import Activity, Placement
from personalization.segments.models import PublishingPolicy, Segment

from .test_triggers import make_activity

HOURS = {"within_hours": 24, "every_hours": 24, "is_active": "on"}


def signed_in(name: str, role: str = "Marketer") -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def administrator(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser(name))
    return client


def ask_for_two() -> None:
    PublishingPolicy.objects.update(needs_approval=True)


def set_up_trigger(client: Client, segment: Segment) -> Trigger:
    activity = make_activity("Hello")
    ask_for_two()
    fields = {"segment": segment.pk, "kind": "activity", "activity": activity.pk}
    client.post(reverse("admin:activation_trigger_add"), fields | HOURS, follow=True)
    return Trigger.objects.get()


def drafted(name: str) -> Activity:
    return Activity.objects.create(name=name, placement=Placement.objects.get())


def approving(one: Followed) -> str:
    return reverse(f"admin:activation_{one._meta.model_name}_approve", args=[one.pk])


def page_of(one: Followed) -> str:
    return reverse(f"admin:activation_{one._meta.model_name}_change", args=[one.pk])


def seen_by(client: Client, one: Followed) -> dict[str, str]:
    """Return what the form on its page would send."""
    page = client.get(page_of(one)).content.decode()
    found = re.search(r'name="seen" value="([^"]+)"', page)
    return {"seen": found[1]} if found else {}


def approve_as(client: Client, one: Followed, seen: dict[str, str] | None = None) -> list[str]:
    sent = seen_by(client, one) if seen is None else seen
    answer = client.post(approving(one), sent, follow=True)
    return [str(said) for said in answer.context["messages"]]
