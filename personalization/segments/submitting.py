"""Submit changes: for a second person, for a time, or for both."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from django.db import connection, transaction

from personalization.segments.documents import (
    Changes,
    changed_paths,
    document_of,
    latest_publication,
    place_of,
    with_changes,
)
from personalization.segments.history import record_proposal
from personalization.segments.models import OPEN, Proposal, PublishingPolicy
from personalization.segments.refusing import check_document
from personalization.segments.standing import live_at, saved_at

State = Proposal.State
# What changes together is about the first of these that it has.
ABOUT: Final = ("activities", "segments", "placements")


def submit(
    *,
    changes: Changes,
    by: str,
    note: str,
    now: datetime,
    publish_at: datetime | None = None,
    insists: bool = False,
    key_owner: str = "",
) -> Proposal:
    """Let these changes wait for a second person, or only for their time where none is needed.

    `key_owner` answers for the API key they came with, and is not that second person.

    They take the place of what waits about the same; `replaced` of the answer has that. Raises
    NotPublishable where they could not be published as things stand, and its NobodyIsIn unless who
    submits `insists`.
    """
    document = document_of(latest_publication())
    wanted = with_changes(document, changes)
    check_document(wanted, changes=changed_paths(document, wanted), insists=insists)
    by_path = {f"{section}/{key}": one for (section, key), one in changes.items()}
    must_wait = PublishingPolicy.requires_approval()
    proposal = Proposal(
        state=State.SUBMITTED if must_wait or publish_at is None else State.SCHEDULED,
        about=paths_about(by_path),
        note=note[:200],
        changes=by_path,
        live=live_at(by_path),
        saved=saved_at(by_path),
        submitted_by=by[:150],
        key_owner=key_owner,
        submitted_at=now,
        publish_at=publish_at,
        insists=insists,
    )
    _take_the_place(proposal, now=now)
    said = "Submitted for approval" if must_wait or publish_at is None else "Scheduled"
    record_proposal(proposal, f"{said}{_at(proposal)}.", by=by, now=now)
    return proposal


def paths_about(paths: Iterable[str]) -> str:
    """Return what changes at these paths are about: activities, else segments, else placements."""
    places = sorted(paths)
    found = ([one for one in places if place_of(one)[0] == section] for section in ABOUT)
    return ",".join(next((paths for paths in found if paths), []))


@transaction.atomic
def _take_the_place(proposal: Proposal, *, now: datetime) -> None:
    """Save the proposal, and end what waits about the same."""
    _hold_submissions()
    waiting = Proposal.objects.select_for_update().filter(state__in=OPEN, about=proposal.about)
    earlier = list(waiting)
    said = f"{proposal.submitted_by} submitted it anew."
    waiting.update(state=State.REPLACED, problem=said)
    proposal.save()
    for one in earlier:
        Proposal.objects.filter(pk=one.pk).update(replaced_by=proposal)
        record_proposal(one, f"Replaced. {said}", by=proposal.submitted_by, now=now)


def _hold_submissions() -> None:
    # Two at once would both find nothing to replace. Not the lock of publications: who approves
    # takes that one after the row.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('segments_proposal'))")


def _at(proposal: Proposal) -> str:
    at = proposal.publish_at
    return f", to be live at {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""
