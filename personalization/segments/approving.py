"""What waits for a second person or for its time: approved, rejected, published.

Nothing here makes anything live: that is `publishing.publish_changes`, which lets through what a
proposal says was approved. A proposal is void once what it was made against has changed.
"""

import logging
from datetime import datetime
from typing import Final

from django.db import transaction

from personalization.segments.ending import CannotDecide, end, open_proposal
from personalization.segments.history import record_proposal
from personalization.segments.models import OPEN, Proposal, PublishingPolicy
from personalization.segments.publishing import publish_changes
from personalization.segments.refusing import NotPublishable
from personalization.segments.standing import by_place, what_changed

logger = logging.getLogger(__name__)

State = Proposal.State
NOT_APPROVED: Final = "The time has come, but nobody else has approved it."


def approve(*, proposal_id: int, by: str, now: datetime) -> Proposal:
    """Let the changes go live now, or at their time where that is still to come.

    Raises CannotDecide, and NotPublishable where the checks refuse them; it then goes on waiting.
    """
    with transaction.atomic():
        proposal = open_proposal(proposal_id)
        if proposal.is_of(by):
            raise CannotDecide(_why_somebody_else(proposal, by))
        problems = what_changed(proposal)
        if not problems:
            proposal.decided_by, proposal.decided_at, proposal.problem = by, now, ""
            record_proposal(proposal, "Approved.", by=by, now=now)
            if proposal.publish_at is not None and proposal.publish_at > now:
                proposal.state = State.SCHEDULED
            else:
                _publish(proposal, now=now)
            proposal.save()
            return proposal
        _complain(proposal, State.VOID, " ".join(problems), now=now)
    raise CannotDecide(" ".join(problems))


def reject(*, proposal_id: int, by: str, comment: str, now: datetime) -> Proposal:
    """Refuse the changes, saying why; raises CannotDecide."""
    if not comment.strip():
        raise CannotDecide("Say why, so that it can be mended.")
    with transaction.atomic():
        proposal = open_proposal(proposal_id)
        if proposal.is_of(by):
            raise CannotDecide("Withdraw what you, or a key of yours, submitted.")
        proposal.state, proposal.comment = State.REJECTED, comment.strip()
        proposal.decided_by, proposal.decided_at = by, now
        proposal.save()
        record_proposal(proposal, f"Rejected: {proposal.comment}", by=by, now=now)
    return proposal


def publish_due(*, now: datetime) -> int:
    """Publish what was scheduled for now or earlier; return how much is live by it.

    What cannot be published says so: in the proposal, in the history and in the log.
    """
    waiting = Proposal.objects.filter(state__in=OPEN, publish_at__lte=now, problem="")
    due = list(waiting.order_by("publish_at", "pk").values_list("pk", flat=True))
    return sum(_publish_if_possible(pk, now) for pk in due)


def _why_somebody_else(proposal: Proposal, by: str) -> str:
    if proposal.submitted_by == by:
        return "Somebody else than who submitted it must approve it."
    return f"You own the {proposal.submitted_by} that submitted it: somebody else must approve it."


def _publish_if_possible(proposal_id: int, now: datetime) -> bool:
    with transaction.atomic():
        proposal = _locked(proposal_id)
        if proposal is None:
            # Another worker has it, or somebody decided meanwhile.
            return False
        problems = what_changed(proposal)
        if problems:
            _complain(proposal, State.VOID, " ".join(problems), now=now)
        elif not proposal.decided_by and PublishingPolicy.requires_approval():
            _complain(proposal, State.SUBMITTED, NOT_APPROVED, now=now)
        else:
            _publish_or_complain(proposal, now=now)
        proposal.save()
    return proposal.state == State.LIVE


def _publish_or_complain(proposal: Proposal, *, now: datetime) -> None:
    try:
        with transaction.atomic():
            _publish(proposal, now=now)
    except NotPublishable as error:
        _complain(proposal, State.FAILED, " ".join(error.messages), now=now)


def _publish(proposal: Proposal, *, now: datetime) -> None:
    approved = f", approved by {proposal.decided_by}" if proposal.decided_by else ""
    published = publish_changes(
        changes=by_place(proposal),
        by=f"{proposal.submitted_by}{approved}",
        note=proposal.note,
        now=now,
        proposal=proposal,
        insists=proposal.insists,
    )
    proposal.state, proposal.version = State.LIVE, published.version


def _complain(proposal: Proposal, state: str, problem: str, *, now: datetime) -> None:
    logger.error("Proposal %s (%s) is not live: %s", proposal.pk, proposal.note, problem)
    end(proposal, state, problem, now=now)


def _locked(proposal_id: int) -> Proposal | None:
    waiting = Proposal.objects.select_for_update(skip_locked=True)
    return waiting.filter(pk=proposal_id, state__in=OPEN).first()
