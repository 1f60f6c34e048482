"""Proposals that end undecided: withdrawn, edited since, or about something that is gone."""

from datetime import datetime

from django.db import transaction

from personalization.segments.history import record, record_proposal
from personalization.segments.models import OPEN, Proposal, Segment
from personalization.segments.publishing import unpublish_segment
from personalization.segments.standing import what_changed
from personalization.segments.states import is_live

State = Proposal.State


class CannotDecide(Exception):
    """The proposal stays as it is, or became void; the message says why."""


def withdraw(*, proposal_id: int, by: str, now: datetime) -> Proposal:
    """Let the changes wait no longer; raises CannotDecide."""
    with transaction.atomic():
        proposal = open_proposal(proposal_id)
        proposal.state = State.WITHDRAWN
        proposal.save()
        record_proposal(proposal, "Withdrawn before it was live.", by=by, now=now)
    return proposal


def void_edited(*, key: str, now: datetime) -> list[Proposal]:
    """End what waits about a segment that is not saved as it was submitted; return what ended."""
    found = []
    with transaction.atomic():
        for proposal in _about(key):
            problems = what_changed(proposal)
            if problems:
                end(proposal, State.VOID, " ".join(problems), now=now)
                found.append(proposal)
    return found


def delete_segment(*, segment: Segment, by: str, now: datetime) -> None:
    """Take the segment offline where it is live, end what waits about it, and delete it.

    Raises NotPublishable, and its NeedsApproval where a second person must approve.
    """
    with transaction.atomic():
        # Before publishing, as approving does: in another order the two could wait for each other.
        waiting = _about(segment.key)
        if is_live("segments", segment.key):
            unpublish_segment(segment=segment, by=by, now=now)
        for proposal in waiting:
            end(proposal, State.VOID, f"{by} deleted the segment “{segment}”.", now=now)
        record(key=segment.key, said=f"“{segment}” was deleted.", by=by, now=now)
        segment.delete()


def open_proposal(proposal_id: int) -> Proposal:
    """Return a proposal that can still become live, locked; raises CannotDecide."""
    proposal = Proposal.objects.select_for_update().get(pk=proposal_id)
    if not proposal.is_open:
        raise CannotDecide(f"It is {proposal.get_state_display()} already.")
    return proposal


def end(proposal: Proposal, state: str, problem: str, *, now: datetime) -> None:
    """Save that the proposal ended like this, and why."""
    proposal.state, proposal.problem = state, problem
    proposal.save()
    record_proposal(proposal, f"Not published. {problem}", by="system", now=now)


def _about(key: str) -> list[Proposal]:
    waiting = Proposal.objects.select_for_update().filter(state__in=OPEN)
    return list(waiting.filter(changes__has_key=f"segments/{key}"))
