"""Where a second person must approve, what follows a segment waits for one as well."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from personalization.activation.models import Audience, AudienceRun, Firing, Trigger
from personalization.activation.syncing import due_audiences
from personalization.activation.watching import listeners
from personalization.segments.models import HistoryEntry, PublishingPolicy, Segment
from tests.factories import NOON

from .test_triggers import make_activity
from .world import act, make_destination, make_segment, pass_on, visitor, watch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def segment() -> Segment:
    """Return a live segment that is watched; from here on, a second person approves."""
    segment = make_segment()
    watch(segment)
    return segment


def signed_in(name: str, role: str = "Marketer") -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def ask_for_two() -> None:
    PublishingPolicy.objects.update(needs_approval=True)


def set_up_trigger(client: Client, segment: Segment) -> Trigger:
    activity = make_activity("Hello")
    ask_for_two()
    fields = {"segment": segment.pk, "kind": "activity", "activity": activity.pk}
    hours = {"within_hours": 24, "every_hours": 24, "is_active": "on"}
    client.post(reverse("admin:activation_trigger_add"), fields | hours)
    return Trigger.objects.get()


def approving(one: Trigger | Audience) -> str:
    return reverse(f"admin:activation_{one._meta.model_name}_approve", args=[one.pk])


def test_a_trigger_does_nothing_until_somebody_else_approved_it(segment: Segment) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    trigger = set_up_trigger(ann, segment)
    anna = visitor("anna")
    act(anna)
    pass_on()
    assert not Firing.objects.exists()
    assert listeners([segment]) == {segment.pk: []}

    ann.post(approving(trigger))
    trigger.refresh_from_db()
    assert trigger.waits
    bob.post(approving(trigger))

    trigger.refresh_from_db()
    assert (trigger.waits, trigger.approved_by) == (False, "bob")
    assert listeners([segment]) == {segment.pk: ["a trigger"]}
    said = HistoryEntry.objects.filter(key=segment.key).values_list("by", "said").first()
    assert said is not None
    assert (said[0], said[1][:24]) == ("bob", "Approved what follows: W")


def test_its_page_says_that_it_waits_and_for_whom(segment: Segment) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    trigger = set_up_trigger(ann, segment)
    page = reverse("admin:activation_trigger_change", args=[trigger.pk])

    own, other = (client.get(page).content.decode() for client in (ann, bob))

    assert "what ann set up waits for the approval of a colleague" in own
    assert approving(trigger) not in own
    assert approving(trigger) in other
    seen = bob.get(reverse("admin:segments_segment_change", args=[segment.pk])).content.decode()
    assert "waits for approval" in seen


def test_only_who_approves_elsewhere_approves_here(segment: Segment) -> None:
    trigger = set_up_trigger(signed_in("ann"), segment)

    answer = signed_in("carl", "Analyst").post(approving(trigger))

    assert answer.status_code == 403
    assert signed_in("bob").get(approving(trigger)).status_code == 403
    trigger.refresh_from_db()
    assert trigger.waits


def test_an_audience_waits_too_and_every_change_to_it(segment: Segment) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    destination = make_destination("https://ads.example/")
    ask_for_two()
    fields = {"segment": segment.pk, "destination": destination.pk, "mode": "full"}
    form = {"name": "Buyers", "every_hours": 1, "is_active": "on", **fields}
    ann.post(reverse("admin:activation_audience_add"), form)
    audience = Audience.objects.get()
    assert due_audiences(now=NOON) == []

    bob.post(approving(audience))
    assert due_audiences(now=NOON) == [audience.pk]

    bob.post(reverse("admin:activation_audience_change", args=[audience.pk]), form | {"name": "B"})
    assert due_audiences(now=NOON) == []


def test_nobody_waits_where_one_person_publishes(segment: Segment) -> None:
    ann = signed_in("ann")
    fields = {"segment": segment.pk, "kind": "activity", "activity": make_activity("Hello").pk}
    hours = {"within_hours": 24, "every_hours": 24, "is_active": "on"}

    ann.post(reverse("admin:activation_trigger_add"), fields | hours)

    assert not Trigger.objects.get().waits


def test_a_marketer_deletes_an_audience_and_what_it_sent_stays_told(segment: Segment) -> None:
    audience = Audience.objects.create(
        name="Buyers",
        segment=segment,
        destination=make_destination("https://ads.example/"),
        every_hours=1,
    )
    AudienceRun.objects.create(
        audience=audience, audience_name="Buyers", started_at=NOON, seen_at=NOON
    )

    signed_in("ann").post(
        reverse("admin:activation_audience_delete", args=[audience.pk]), {"post": "yes"}
    )

    assert not Audience.objects.exists()
    assert [str(run) for run in AudienceRun.objects.all()] == ["Buyers on 2026-06-15 12:00"]


@pytest.mark.parametrize("role", ["Privacy officer", "Auditor"])
def test_whoever_must_prove_it_sees_who_exported_what(role: str, segment: Segment) -> None:
    said = "12 members exported as CSV, for the purpose “advertising”."
    HistoryEntry.objects.create(key=segment.key, at=NOON, by="ann", said=said)
    client = signed_in("olga", role)

    deeds = reverse("admin:segments_historyentry_changelist")
    page = client.get(deeds, {"what": "exports"}).content.decode()

    assert said in page
    assert "Went live" not in page
    assert client.get(reverse("admin:admin_logentry_changelist")).status_code == 200
    assert client.get(reverse("admin:admin_logentry_add")).status_code == 403
