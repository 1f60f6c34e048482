"""Nothing becomes live without a second person, where that is asked for; or at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from personalization.content.models import Activity, Placement, Variation
from personalization.content.publishing import (
    publish_activity,
    publish_placement,
    unpublish_activity,
)
from personalization.segments.approving import approve, reject
from personalization.segments.ending import CannotDecide
from personalization.segments.history import history_of
from personalization.segments.models import (
    GoldenVisitor,
    LiveEntry,
    Proposal,
    Publication,
    PublishingPolicy,
    Segment,
)
from personalization.segments.publishing import (
    NeedsApproval,
    NotPublishable,
    publish_changes,
    publish_segment,
    revert,
    unpublish_segment,
)
from personalization.segments.restoring import restore_segment
from personalization.segments.submitting import submit
from tests.factories import NOON
from tests.rules.test_contradicting import bought
from tests.rules.test_references import naming

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def regulars() -> Segment:
    return Segment.objects.create(name="Regulars", rule={"all": [bought("greater", 3)]})


def demand_approval() -> None:
    PublishingPolicy.objects.update(needs_approval=True)


def submitted(segment: Segment, *, by: str = "ann", at: datetime | None = None) -> Proposal:
    return submit(
        changes={("segments", segment.key): segment.definition()},
        by=by,
        note=f"Segment “{segment.name}”",
        now=NOON,
        publish_at=at,
    )


def live(key: str = "regulars") -> Any:
    found = LiveEntry.objects.filter(section="segments", key=key).first()
    return found.definition if found else None


def make_activity(segment: Segment) -> Activity:
    placement = Placement.objects.create(key="home_hero", name="Hero")
    activity = Activity.objects.create(name="Hello", segment=segment, placement=placement)
    Variation.objects.create(activity=activity, name="A", kind="banner", headline="Hi", weight=1)
    return activity


def test_without_the_policy_nobody_is_asked(regulars: Segment) -> None:
    assert publish_segment(segment=regulars, by="ann", now=NOON).version == 1


def test_every_path_to_live_is_stopped_where_a_second_person_must_approve(
    regulars: Segment,
) -> None:
    activity = make_activity(regulars)
    publish_activity(activity=activity, by="ann", now=NOON)
    first = Publication.objects.latest()
    regulars.rule = {"all": [bought("greater", 5)]}
    regulars.save()
    publish_segment(segment=regulars, by="ann", now=NOON)
    other = Segment.objects.create(name="Other", rule={"all": [bought("less", 2)]})
    publish_segment(segment=other, by="ann", now=NOON)
    demand_approval()
    regulars.rule = {"all": [bought("greater", 6)]}
    Placement.objects.create(key="new", name="New")
    activity.priority = 9
    by: dict[str, Any] = {"by": "ann", "now": NOON}

    acts: list[Callable[[], Publication]] = [
        lambda: publish_segment(segment=regulars, **by),
        lambda: unpublish_segment(segment=other, **by),
        lambda: restore_segment(segment=regulars, to_version=first.version, **by),
        lambda: revert(to_version=first.version, **by),
        lambda: publish_activity(activity=activity, **by),
        lambda: unpublish_activity(activity=activity, **by),
        lambda: publish_placement(placement=Placement.objects.get(key="new"), **by),
    ]
    for act in acts:
        with pytest.raises(NeedsApproval):
            act()

    assert Publication.objects.count() == 3


def test_what_needs_approval_can_be_submitted_as_it_was_asked_for(regulars: Segment) -> None:
    publish_segment(segment=regulars, by="ann", now=NOON)
    demand_approval()
    with pytest.raises(NeedsApproval) as stopped:
        unpublish_segment(segment=regulars, by="ann", now=NOON)

    waiting = submit(changes=stopped.value.changes, by="ann", note=stopped.value.note, now=NOON)
    approve(proposal_id=waiting.pk, by="bob", now=NOON)

    assert live() is None
    assert Publication.objects.latest().note == "Segment “Regulars” taken offline"


def test_a_second_person_makes_it_live(regulars: Segment) -> None:
    demand_approval()
    waiting = submitted(regulars)
    assert (waiting.state, live()) == ("submitted", None)

    approved = approve(proposal_id=waiting.pk, by="bob", now=NOON)

    assert (approved.state, approved.version) == ("live", 1)
    assert live() == regulars.definition()
    assert Publication.objects.latest().published_by == "ann, approved by bob"


def test_who_submitted_it_cannot_approve_or_reject_it(regulars: Segment) -> None:
    demand_approval()
    waiting = submitted(regulars)

    with pytest.raises(CannotDecide, match="Somebody else"):
        approve(proposal_id=waiting.pk, by="ann", now=NOON)
    with pytest.raises(CannotDecide, match="Withdraw"):
        reject(proposal_id=waiting.pk, by="ann", comment="no", now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=waiting.pk).update(decided_by="ann")

    assert live() is None


def test_an_approval_covers_what_was_seen_and_nothing_else(regulars: Segment) -> None:
    demand_approval()
    approve(proposal_id=submitted(regulars, at=LATER).pk, by="bob", now=NOON)
    approved = Proposal.objects.get()

    assert approved.approves({"segments/regulars": regulars.definition()})
    assert not approved.approves({"segments/regulars": None})
    assert not approved.approves({"segments/other": regulars.definition()})


def test_what_was_only_submitted_opens_no_gate(regulars: Segment) -> None:
    demand_approval()
    changes = {("segments", "regulars"): regulars.definition()}

    with pytest.raises(NeedsApproval):
        publish_changes(changes=changes, by="ann", note="", now=NOON, proposal=submitted(regulars))

    assert live() is None


def test_an_edit_after_the_submission_makes_it_void(regulars: Segment) -> None:
    demand_approval()
    waiting = submitted(regulars)
    regulars.rule = {"all": [bought("greater", 9)]}
    regulars.save()

    with pytest.raises(CannotDecide, match="“Regulars” was edited after it was submitted"):
        approve(proposal_id=waiting.pk, by="bob", now=NOON)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.decided_by, live()) == ("void", "", None)


def test_what_became_live_meanwhile_makes_it_void(regulars: Segment) -> None:
    demand_approval()
    first = submitted(regulars)
    PublishingPolicy.objects.update(needs_approval=False)
    publish_segment(segment=regulars, by="carl", now=NOON)

    with pytest.raises(CannotDecide, match="published anew meanwhile"):
        approve(proposal_id=first.pk, by="bob", now=NOON)


def test_a_change_of_a_segment_it_names_makes_it_void(regulars: Segment) -> None:
    publish_segment(segment=regulars, by="ann", now=NOON)
    named = Segment.objects.create(name="Naming", rule=naming("regulars"))
    waiting = submitted(named)
    regulars.rule = {"all": [bought("greater", 9)]}
    regulars.save()
    publish_segment(segment=regulars, by="ann", now=NOON)

    with pytest.raises(CannotDecide, match="“Regulars” was published anew"):
        approve(proposal_id=waiting.pk, by="bob", now=NOON)


def test_a_rejection_says_why_and_ends_it(regulars: Segment) -> None:
    demand_approval()
    waiting = submitted(regulars)
    with pytest.raises(CannotDecide, match="Say why"):
        reject(proposal_id=waiting.pk, by="bob", comment=" ", now=NOON)

    rejected = reject(proposal_id=waiting.pk, by="bob", comment="Five is too few.", now=NOON)

    assert (rejected.state, rejected.comment) == ("rejected", "Five is too few.")
    with pytest.raises(CannotDecide, match="rejected already"):
        approve(proposal_id=waiting.pk, by="bob", now=NOON)


def test_what_cannot_be_published_is_not_submitted(regulars: Segment) -> None:
    demand_approval()
    broken = Segment.objects.create(name="Broken", rule={"all": [{"fact": "nothing"}]})

    with pytest.raises(NotPublishable, match="cannot be read"):
        submitted(broken)

    assert not Proposal.objects.exists()


def test_an_approval_that_golden_visitors_object_to_goes_on_waiting(regulars: Segment) -> None:
    demand_approval()
    waiting = submitted(regulars)
    expect_in(regulars)

    with pytest.raises(NotPublishable, match="golden visitor"):
        approve(proposal_id=waiting.pk, by="bob", now=NOON)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.decided_by) == ("submitted", "")


def test_the_history_tells_who_did_what(regulars: Segment) -> None:
    demand_approval()
    approve(proposal_id=submitted(regulars).pk, by="bob", now=NOON)

    told = [(deed.entry.by, deed.entry.said) for deed in history_of("regulars")]

    assert told == [
        ("ann, approved by bob", "Went live as version 1."),
        ("bob", "Approved. (Segment “Regulars”)"),
        ("ann", "Submitted for approval. (Segment “Regulars”)"),
    ]


def expect_in(segment: Segment) -> None:
    golden = GoldenVisitor.objects.create(
        name="Someone", facts={"traits": {}, "counts": {}, "sums": {}}, frozen_at=NOON
    )
    golden.belongs_to.add(segment)
