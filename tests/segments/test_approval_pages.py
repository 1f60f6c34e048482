"""In the admin, what needs a second person is submitted, seen and decided."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from personalization.content.models import Activity, Placement, Variation
from personalization.segments.approving import publish_due
from personalization.segments.models import LiveEntry, Proposal, PublishingPolicy, Segment
from personalization.segments.publishing import publish_segment, revert
from personalization.segments.submitting import submit
from tests.factories import NOON
from tests.rules.test_contradicting import bought

pytestmark = pytest.mark.django_db
LIST = "/admin/segments/proposal/"


def signed_in(name: str, role: str = "Marketer") -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ann() -> Client:
    return signed_in("ann")


@pytest.fixture
def bob() -> Client:
    return signed_in("bob")


@pytest.fixture
def regulars() -> Segment:
    return Segment.objects.create(name="Regulars", rule={"all": [bought("greater", 3)]})


@pytest.fixture
def policy() -> None:
    PublishingPolicy.objects.update(needs_approval=True)


def page_of(segment: Segment) -> str:
    return reverse("admin:segments_segment_change", args=[segment.pk])


def save_and_publish(client: Client, segment: Segment) -> str:
    sent = {
        "name": segment.name,
        "rule-match": "all",
        "rule-TOTAL_FORMS": "1",
        "rule-INITIAL_FORMS": "0",
        "rule-0-fact": "count",
        "rule-0-event": "purchase",
        "rule-0-days": "30",
        "rule-0-operator": "greater",
        "rule-0-value": "4",
        "_publish": "",
    }
    return client.post(page_of(segment), sent, follow=True).content.decode()


def is_live(key: str) -> bool:
    return LiveEntry.objects.filter(key=key, definition__isnull=False).exists()


@pytest.mark.usefixtures("policy")
def test_publishing_submits_and_a_colleague_approves(
    ann: Client, bob: Client, regulars: Segment
) -> None:
    assert "Save and submit for approval" in ann.get(page_of(regulars)).content.decode()

    assert "waits for the" in save_and_publish(ann, regulars)

    proposal = Proposal.objects.get()
    page = reverse("admin:segments_proposal_change", args=[proposal.pk])
    assert not is_live("regulars")
    own = ann.get(page).content.decode()
    assert "You submitted this, so somebody else decides." in own
    assert 'name="_approve"' not in own
    seen = bob.get(page).content.decode()
    assert "More than 4 purchases" in seen
    assert "Nothing speaks against it." in seen
    assert "is published" in bob.post(page, {"_approve": ""}, follow=True).content.decode()
    assert is_live("regulars")


@pytest.mark.usefixtures("policy")
def test_the_submitter_cannot_approve_by_asking_directly(ann: Client, regulars: Segment) -> None:
    save_and_publish(ann, regulars)
    page = reverse("admin:segments_proposal_change", args=[Proposal.objects.get().pk])

    answer = ann.post(page, {"_approve": ""}, follow=True).content.decode()

    assert "Somebody else than who submitted it must approve it." in answer
    assert not is_live("regulars")


@pytest.mark.usefixtures("policy")
def test_a_rejection_needs_a_comment_and_shows_it(
    ann: Client, bob: Client, regulars: Segment
) -> None:
    save_and_publish(ann, regulars)
    page = reverse("admin:segments_proposal_change", args=[Proposal.objects.get().pk])
    assert "Say why" in bob.post(page, {"_reject": ""}, follow=True).content.decode()

    bob.post(page, {"_reject": "", "comment": "Four <b>is</b> too few."})

    assert "Four &lt;b&gt;is&lt;/b&gt; too few." in ann.get(page).content.decode()
    assert "rejected" in ann.get(LIST).content.decode()


@pytest.mark.usefixtures("policy")
def test_an_edit_after_the_submission_is_said_on_the_page(
    ann: Client, bob: Client, regulars: Segment
) -> None:
    save_and_publish(ann, regulars)
    page = reverse("admin:segments_proposal_change", args=[Proposal.objects.get().pk])
    Segment.objects.update(rule={"all": [bought("greater", 9)]})

    assert "“Regulars” was edited after it was submitted." in bob.get(page).content.decode()
    bob.post(page, {"_approve": ""})

    assert Proposal.objects.get().state == "void"
    assert "edited after" in bob.get(page).content.decode()


def test_deleting_and_going_back_are_submitted_too(
    ann: Client, bob: Client, regulars: Segment
) -> None:
    publish_segment(segment=regulars, by="ann", now=NOON)
    other = Segment.objects.create(name="Other", rule={"all": [bought("less", 2)]})
    publish_segment(segment=other, by="ann", now=NOON)
    PublishingPolicy.objects.update(needs_approval=True)

    delete = reverse("admin:segments_segment_delete", args=[other.pk])
    ann.post(delete, {"post": "yes"})
    ann.post(reverse("admin:segments_publication_undo", args=[1]), {"_undo": ""})

    assert Segment.objects.filter(pk=other.pk).exists()
    assert is_live("other")
    notes = set(Proposal.objects.values_list("note", flat=True))
    assert notes == {"Segment “Other” taken offline", "Back to version 1"}
    for proposal in Proposal.objects.filter(note="Back to version 1"):
        page = reverse("admin:segments_proposal_change", args=[proposal.pk])
        bob.post(page, {"_approve": ""})
    assert not is_live("other")
    with pytest.raises(Exception, match="second person"):
        revert(to_version=2, by="ann", now=NOON)


@pytest.mark.usefixtures("policy")
def test_activities_and_placements_are_submitted_too(ann: Client, bob: Client) -> None:
    hero = {"key": "home_hero", "name": "Hero", "fallback_note": ""}
    ann.post("/admin/content/placement/add/", hero)
    placement = Placement.objects.get()
    activity = Activity.objects.create(name="Hello", placement=placement)
    Variation.objects.create(activity=activity, name="A", kind="banner", headline="Hi", weight=1)
    assert not is_live("home_hero")
    schedule = reverse("admin:content_activity_schedule", args=[activity.pk])
    at = timezone.now() + timedelta(days=2)

    ann.post(schedule, {"at": f"{at:%Y-%m-%dT%H:%M}", "zone": "Europe/Berlin"})

    scheduled, placed = Proposal.objects.all()
    assert (placed.note, scheduled.note) == ("Placement “Hero”", "Activity “Hello”")
    assert scheduled.state == "submitted"
    page = reverse("admin:segments_proposal_change", args=[scheduled.pk])
    assert "is scheduled" in bob.post(page, {"_approve": ""}, follow=True).content.decode()


def test_a_time_is_read_on_the_clock_that_was_chosen(ann: Client, regulars: Segment) -> None:
    page = reverse("admin:segments_segment_schedule", args=[regulars.pk])
    assert "Europe/Berlin" in ann.get(page).content.decode()

    done = ann.post(page, {"at": "2099-07-01T09:00", "zone": "Europe/Berlin"}, follow=True)

    assert str(Proposal.objects.get().publish_at) == "2099-07-01 07:00:00+00:00"
    assert "1 Jul 2099, 09:00 (Europe/Berlin), 2099-07-01 07:00 UTC" in done.content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"at": "2020-01-01T09:00", "zone": "UTC"}, "This time has passed."),
        ({"at": "soon", "zone": "UTC"}, "Give a date and a time"),
        ({"at": "2099-01-01T09:00", "zone": "Moon"}, "not one of the available choices"),
    ],
)
def test_a_time_that_cannot_be_is_refused(
    ann: Client, regulars: Segment, sent: dict[str, Any], said: str
) -> None:
    page = reverse("admin:segments_segment_schedule", args=[regulars.pk])

    assert said in ann.post(page, sent).content.decode()
    assert not Proposal.objects.exists()


def test_a_schedule_can_be_withdrawn_in_the_admin(ann: Client, regulars: Segment) -> None:
    page = reverse("admin:segments_segment_schedule", args=[regulars.pk])
    ann.post(page, {"at": "2099-07-01T09:00", "zone": "UTC"})
    proposal = reverse("admin:segments_proposal_change", args=[Proposal.objects.get().pk])

    assert "is withdrawn" in ann.post(proposal, {"_withdraw": ""}, follow=True).content.decode()


def test_only_administrators_switch_the_policy(ann: Client) -> None:
    page = "/admin/segments/publishingpolicy/1/change/"
    assert ann.get(page).status_code == 403
    assert signed_in("chief", "Privacy officer").get(page).status_code == 403

    signed_in("root", "Administrator").post(page, {"needs_approval": "on"})

    assert PublishingPolicy.requires_approval()


def test_analysts_see_and_do_not_decide(ann: Client, regulars: Segment) -> None:
    PublishingPolicy.objects.update(needs_approval=True)
    save_and_publish(ann, regulars)
    page = reverse("admin:segments_proposal_change", args=[Proposal.objects.get().pk])
    analyst = signed_in("eve", "Analyst")

    assert "_approve" not in analyst.get(page).content.decode()
    assert analyst.post(page, {"_approve": ""}).status_code == 403


def test_the_story_of_a_segment_is_told_in_sentences(ann: Client, regulars: Segment) -> None:
    save_and_publish(ann, regulars)

    page = reverse("admin:segments_segment_history", args=[regulars.pk])
    told = ann.get(page).content.decode()

    assert "Went live as version 1." in told
    assert "Saved; the rule changed." in told
    assert "by ann" in told


def test_a_segment_says_that_its_schedule_failed(ann: Client, regulars: Segment) -> None:
    submit(
        changes={("segments", "regulars"): regulars.definition()},
        by="ann",
        note="Segment “Regulars”",
        now=NOON,
        publish_at=NOON,
    )
    assert "To be live on 15 Jun 2026, 12:00 UTC" in ann.get(page_of(regulars)).content.decode()
    Segment.objects.update(rule={"all": [bought("greater", 9)]})

    publish_due(now=NOON)

    page = ann.get(page_of(regulars)).content.decode()
    assert "“Regulars” was edited after it was submitted." in page
