"""Where a second person must approve, what follows a segment waits for one as well."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from personalization.activation.models import Audience, AudienceRun, Firing, Trigger
from personalization.activation.syncing import due_audiences
from personalization.activation.watching import listeners
from personalization.segments.models import HistoryEntry, Segment
from tests.factories import NOON

from .test_triggers import make_activity
from .two_people import (
    HOURS,
    approve_as,
    approving,
    ask_for_two,
    drafted,
    page_of,
    seen_by,
    set_up_trigger,
    signed_in,
)
from .world import act, make_destination, make_segment, pass_on, visitor, watch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def segment() -> Segment:
    """Return a live segment that is watched; from here on, a second person approves."""
    segment = make_segment()
    watch(segment)
    return segment


def test_a_trigger_does_nothing_until_somebody_else_approved_it(segment: Segment) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    trigger = set_up_trigger(ann, segment)
    anna = visitor("anna")
    act(anna)
    pass_on()
    assert not Firing.objects.exists()
    assert listeners([segment]) == {segment.pk: []}

    own = approve_as(ann, trigger, seen_by(bob, trigger))
    trigger.refresh_from_db()
    assert (trigger.waits, own) == (True, ["Somebody else than who set it up must approve it."])
    approve_as(bob, trigger)

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


def test_only_what_was_seen_is_approved(segment: Segment) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    trigger = set_up_trigger(ann, segment)
    seen = seen_by(bob, trigger)
    other = drafted("Goodbye")
    fields = {"segment": segment.pk, "kind": "activity", "activity": other.pk}
    ann.post(page_of(trigger), fields | HOURS)

    said = approve_as(bob, trigger, seen)

    trigger.refresh_from_db()
    assert (trigger.waits, trigger.activity) == (True, other)
    assert said == [
        "Not approved: it was changed since you opened it.",
        "activity: “Hello” when you opened it, “Goodbye” now.",
    ]
    assert approve_as(bob, trigger) == [f"Approved: {trigger}."]
    assert approve_as(bob, trigger, seen) == ["It waits for nobody any more."]


def test_nobody_saves_while_it_is_approved(segment: Segment) -> None:
    trigger = set_up_trigger(signed_in("ann"), segment)
    bob = signed_in("bob")
    seen = seen_by(bob, trigger)

    with CaptureQueriesContext(connection) as asked:
        bob.post(approving(trigger), seen)

    written = [number for number, one in enumerate(asked) if one["sql"].startswith("UPDATE")]
    locked = [number for number, one in enumerate(asked) if "FOR UPDATE" in one["sql"]]
    assert locked[0] < written[0]


@pytest.mark.parametrize("seen", [{}, {"seen": "x"}])
def test_nobody_approves_without_having_looked(segment: Segment, seen: dict[str, str]) -> None:
    trigger = set_up_trigger(signed_in("ann"), segment)

    said = approve_as(signed_in("bob"), trigger, seen)

    assert said == ["Not approved: open its page, and approve what you see there."]
    trigger.refresh_from_db()
    assert trigger.waits


def test_what_was_seen_of_another_one_does_not_count(segment: Segment) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    first = set_up_trigger(ann, segment)
    second = Trigger.objects.get()
    second.pk = None
    second.save()

    said = approve_as(bob, second, seen_by(bob, first))

    assert said == ["Not approved: open its page, and approve what you see there."]


def test_an_audience_waits_too_and_every_change_to_it(segment: Segment) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    destination = make_destination("https://ads.example/")
    ask_for_two()
    fields = {"segment": segment.pk, "destination": destination.pk, "mode": "full"}
    form = {"name": "Buyers", "every_hours": 1, "is_active": "on", **fields}
    ann.post(reverse("admin:activation_audience_add"), form)
    audience = Audience.objects.get()
    assert due_audiences(now=NOON) == []

    approve_as(bob, audience)
    assert due_audiences(now=NOON) == [audience.pk]

    bob.post(page_of(audience), form | {"name": "B"})
    seen = seen_by(ann, audience)
    bob.post(page_of(audience), form | {"name": "C"})
    said = approve_as(ann, audience, seen)

    assert said[1] == "name: “B” when you opened it, “C” now."
    audience.refresh_from_db()
    assert (audience.name, due_audiences(now=NOON)) == ("Buyers", [audience.pk])
    approve_as(ann, audience)
    assert Audience.objects.in_force().get().name == "C"
    bob.post(page_of(audience), {**form, "is_active": ""})
    assert due_audiences(now=NOON) == []


def test_a_change_that_is_taken_back_waits_no_more(segment: Segment) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    trigger = set_up_trigger(ann, segment)
    approve_as(bob, trigger)
    form = {"segment": segment.pk, "kind": "activity", "activity": trigger.activity_id, **HOURS}
    ann.post(page_of(trigger), form | {"every_hours": 5})
    listed = ann.get(reverse("admin:activation_trigger_changelist")).content.decode()
    assert "a change waits" in listed

    ann.post(page_of(trigger), form)

    trigger.refresh_from_db()
    assert (trigger.needs_somebody, trigger.approved_by) == (False, "bob")
    assert trigger.is_in_force


def test_what_became_impossible_is_not_approved(segment: Segment) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    trigger = set_up_trigger(ann, segment)
    approve_as(bob, trigger)
    other = drafted("Goodbye")
    form = {"segment": segment.pk, "kind": "activity", "activity": other.pk, **HOURS}
    ann.post(page_of(trigger), form)
    seen = seen_by(bob, trigger)
    other.delete()

    said = approve_as(bob, trigger, seen)

    assert said[0].startswith("Not approved.")
    assert Trigger.objects.in_force().get().activity == trigger.activity
    assert bob.get(page_of(trigger)).status_code == 200


def test_nobody_waits_where_one_person_publishes(segment: Segment) -> None:
    ann = signed_in("ann")
    fields = {"segment": segment.pk, "kind": "activity", "activity": make_activity("Hello").pk}

    ann.post(reverse("admin:activation_trigger_add"), fields | HOURS)

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
