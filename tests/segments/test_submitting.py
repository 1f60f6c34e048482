"""One submission waits about each thing, and ends when what it was about changes or goes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from personalization.content.models import Activity
from personalization.content.publishing import publish_activity
from personalization.segments.approving import approve
from personalization.segments.ending import CannotDecide, delete_segment, void_edited
from personalization.segments.history import history_of
from personalization.segments.models import LiveEntry, Proposal, PublishingPolicy, Segment
from personalization.segments.publishing import NeedsApproval, publish_segment
from personalization.segments.submitting import paths_about, submit
from tests.factories import NOON
from tests.rules.test_contradicting import bought

from .test_approval_pages import LIST, page_of, save_and_publish, signed_in
from .test_approving import demand_approval, live, make_activity, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def regulars() -> Segment:
    demand_approval()
    return Segment.objects.create(name="Regulars", rule={"all": [bought("greater", 3)]})


def state_of(proposal: Proposal) -> tuple[str, str]:
    proposal.refresh_from_db()
    return proposal.state, proposal.problem


def test_submitting_again_takes_the_place_of_the_earlier_one(regulars: Segment) -> None:
    first = submitted(regulars)

    second = submitted(regulars, by="carl")

    assert state_of(first) == ("replaced", "carl submitted it anew.")
    assert list(second.replaced.all()) == [first]
    assert "Replaced. carl submitted it anew." in history_of("regulars")[1].entry.said
    with pytest.raises(CannotDecide, match="replaced by a later one already"):
        approve(proposal_id=first.pk, by="bob", now=NOON)
    approve(proposal_id=second.pk, by="bob", now=NOON)
    assert live() == regulars.definition()


def test_the_database_holds_one_open_submission_of_a_segment(regulars: Segment) -> None:
    first = submitted(regulars)
    submitted(regulars, by="carl")

    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=first.pk).update(state="submitted")


def test_activities_for_one_segment_wait_side_by_side(regulars: Segment) -> None:
    activity = make_activity(regulars)
    segment = {("segments", "regulars"): regulars.definition()}
    placement = {("placements", "home_hero"): activity.placement.definition()}

    for key in ("one", "two"):
        changes = {**placement, ("activities", key): activity.definition(), **segment}
        submit(changes=changes, by="ann", note=key, now=NOON)

    assert Proposal.objects.filter(state="submitted").count() == 2


def test_what_changes_together_is_about_its_activities() -> None:
    assert paths_about(["placements/a", "segments/b", "activities/c"]) == "activities/c"
    assert paths_about(["segments/b", "segments/a", "placements/c"]) == "segments/a,segments/b"


@pytest.mark.parametrize(
    "change", [{"name": "Fans"}, {"description": "For mother's day"}, {"kind": "combined"}]
)
def test_an_edit_of_anything_that_was_seen_makes_it_void(
    regulars: Segment, change: dict[str, str]
) -> None:
    waiting = submitted(regulars)
    Segment.objects.update(**change)

    with pytest.raises(CannotDecide, match="was edited after it was submitted"):
        approve(proposal_id=waiting.pk, by="bob", now=NOON)

    assert live() is None


def test_what_is_edited_ends_at_once_and_what_is_not_goes_on(regulars: Segment) -> None:
    waiting = submitted(regulars)
    assert void_edited(key="regulars", now=NOON) == []
    Segment.objects.update(description="Changed")

    assert void_edited(key="regulars", now=NOON) == [waiting]

    said = "“Regulars” was edited after it was submitted."
    assert state_of(waiting) == ("void", said)


def test_deleting_a_segment_ends_what_waits_about_it(regulars: Segment) -> None:
    waiting = submitted(regulars)

    delete_segment(segment=regulars, by="carl", now=NOON)

    assert state_of(waiting) == ("void", "carl deleted the segment “Regulars”.")
    assert not Segment.objects.exists()
    assert history_of("regulars")[0].entry.said == "“Regulars” was deleted."


def test_a_live_segment_is_not_deleted_without_a_second_person(regulars: Segment) -> None:
    PublishingPolicy.objects.update(needs_approval=False)
    publish_segment(segment=regulars, by="ann", now=NOON)
    demand_approval()
    waiting = submitted(regulars)

    with pytest.raises(NeedsApproval):
        delete_segment(segment=regulars, by="ann", now=NOON)

    assert state_of(waiting) == ("submitted", "")
    assert Segment.objects.exists()
    assert live() is not None


def test_the_list_and_the_button_delete_nothing_that_is_live(regulars: Segment) -> None:
    PublishingPolicy.objects.update(needs_approval=False)
    publish_segment(segment=regulars, by="ann", now=NOON)
    demand_approval()
    ann = signed_in("ann")
    sent = {"action": "delete_selected", "_selected_action": [regulars.pk], "post": "yes"}

    ann.post(reverse("admin:segments_segment_changelist"), sent)
    ann.post(reverse("admin:segments_segment_delete", args=[regulars.pk]), {"post": "yes"})

    assert Segment.objects.exists()
    assert LiveEntry.objects.get().definition is not None
    [waiting, replaced] = Proposal.objects.all()
    assert waiting.changes == {"segments/regulars": None}
    assert (waiting.state, replaced.state) == ("submitted", "replaced")


def delete_ticked(client: Client, kind: str, *rows: Any) -> list[str]:
    ticked = [row.pk for row in rows]
    sent = {"action": "delete_selected", "_selected_action": ticked, "post": "yes"}
    answer = client.post(reverse(f"admin:{kind}_changelist"), sent, follow=True)
    return [str(said) for said in answer.context["messages"]]


def test_the_list_says_of_what_is_gone_that_it_is_gone_and_of_nothing_else(
    regulars: Segment,
) -> None:
    PublishingPolicy.objects.update(needs_approval=False)
    publish_segment(segment=regulars, by="ann", now=NOON)
    draft = Segment.objects.create(name="Draft", rule={"all": [bought("less", 2)]})
    demand_approval()

    first = delete_ticked(signed_in("ann"), "segments_segment", regulars)
    both = delete_ticked(signed_in("carl"), "segments_segment", regulars, draft)

    assert [one[:42] for one in first] == ["Submitted: “Segment “Regulars” taken offli"]
    assert both[-1] == "Deleted 1 segment."
    assert list(Segment.objects.all()) == [regulars]
    assert [one.object_repr for one in LogEntry.objects.all()] == ["Draft"]


def test_nor_is_a_live_activity_said_to_be_deleted(regulars: Segment) -> None:
    PublishingPolicy.objects.update(needs_approval=False)
    activity = make_activity(regulars)
    publish_activity(activity=activity, by="ann", now=NOON)
    demand_approval()

    said = delete_ticked(signed_in("ann"), "content_activity", activity)

    assert [one[:10] for one in said] == ["Submitted:"]
    assert Activity.objects.exists()


def test_ticked_rows_are_deleted_only_once_it_is_confirmed(regulars: Segment) -> None:
    sent = {"action": "delete_selected", "_selected_action": [regulars.pk]}

    asked = signed_in("ann").post(reverse("admin:segments_segment_changelist"), sent)

    assert "Delete multiple objects" in asked.content.decode()
    assert Segment.objects.exists()


def test_the_admin_says_what_a_submission_replaces_and_what_an_edit_ends(
    regulars: Segment,
) -> None:
    ann, carl = signed_in("ann"), signed_in("carl")
    save_and_publish(ann, regulars)

    said = save_and_publish(carl, regulars)

    assert "It takes the place of what ann submitted, " in said
    edit = {"name": "Regulars", "rule-match": "all", "rule-TOTAL_FORMS": "1"}
    edit |= {"rule-INITIAL_FORMS": "0", "rule-0-fact": "count", "rule-0-event": "purchase"}
    edit |= {"rule-0-operator": "greater", "rule-0-value": "9", "rule-0-days": "30"}
    said = ann.post(page_of(regulars), edit, follow=True).content.decode()
    assert "What carl submitted for approval is void by this change" in said
    assert set(Proposal.objects.values_list("state", flat=True)) == {"void", "replaced"}


def test_the_queue_says_who_waits_for_whom_and_since_when(regulars: Segment) -> None:
    ann = signed_in("ann")
    save_and_publish(ann, regulars)
    alone = ann.get(LIST).content.decode()
    for name in ("bob", "carl", "dora", "eve", "finn"):
        signed_in(name)

    page = ann.get(LIST).content.decode()

    assert "nobody: no one else may approve it; ask an administrator" in alone
    assert "bob or carl or dora or 2 others" in page
    assert "0\xa0minutes ago" in page
    detail = reverse("admin:segments_proposal_change", args=[Proposal.objects.get().pk])
    assert "Waits for bob or carl or dora or 2 others" in ann.get(detail).content.decode()


def test_what_waits_longest_stands_first(regulars: Segment) -> None:
    other = Segment.objects.create(name="Other", rule={"all": [bought("less", 2)]})
    third = Segment.objects.create(name="Third", rule={"all": [bought("less", 1)]})
    delete = submitted(regulars)
    delete_segment(segment=regulars, by="carl", now=NOON)
    rows = [submitted(other), submitted(third), delete]

    shown = signed_in("ann").get(LIST).context["cl"].result_list

    assert list(shown) == rows


def test_who_submitted_it_may_withdraw_it_whatever_they_may_do_now(regulars: Segment) -> None:
    submitted(regulars, by="eve")
    page = reverse("admin:segments_proposal_change", args=[Proposal.objects.get().pk])
    other, eve = signed_in("kim", "Analyst"), signed_in("eve", "Analyst")
    assert other.post(page, {"_withdraw": ""}).status_code == 403

    assert 'name="_withdraw"' in eve.get(page).content.decode()
    eve.post(page, {"_withdraw": ""})

    assert Proposal.objects.get().state == "withdrawn"


def test_the_api_tells_what_it_replaces_and_what_it_ends(call: Callable[..., Any]) -> None:
    demand_approval()
    body = {"name": "Fans", "rule": {"all": [bought("greater", 3)]}, "publish": True}
    first = call("POST", "segments", body).json()["approval"]
    put = {"If-Match": "*"}

    again = call("PUT", "segments/fans", {**body, "description": "For the letter"}, **put)
    edited = call("PUT", "segments/fans", {**body, "name": "Friends", "publish": False}, **put)

    assert (again.status_code, again.json()["replaced"]) == (202, [first])
    assert (edited.status_code, edited.json()["voided"]) == (200, [again.json()["approval"]])
    assert "replaced" not in edited.json()
