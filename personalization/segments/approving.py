"""What a second person must see first, and what is to be live at a time: submitted, decided, done.

Nothing here makes anything live: that is `publishing.publish_changes`, which lets through what a
proposal says was approved. A proposal is void once what it was made against has changed.
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.references import among, inlined, named_in
from personalization.segments.differing import Change, changes_between
from personalization.segments.documents import (
    Changes,
    changed_paths,
    document_of,
    entry_at,
    latest_publication,
    place_of,
    with_changes,
)
from personalization.segments.history import record
from personalization.segments.models import OPEN, Proposal, PublishingPolicy
from personalization.segments.publishing import publish_changes
from personalization.segments.refusing import NotPublishable, check_document

logger = logging.getLogger(__name__)

State = Proposal.State
NOT_APPROVED: Final = "The time has come, but nobody else has approved it."


class CannotDecide(Exception):
    """The proposal stays as it is, or became void; the message says why."""


def submit(
    *, changes: Changes, by: str, note: str, now: datetime, publish_at: datetime | None = None
) -> Proposal:
    """Let these changes wait for a second person, or only for their time where none is needed.

    Raises NotPublishable where they could not be published as things stand.
    """
    document = document_of(latest_publication())
    wanted = with_changes(document, changes)
    check_document(wanted, changes=changed_paths(document, wanted))
    by_path = {f"{section}/{key}": one for (section, key), one in changes.items()}
    must_wait = PublishingPolicy.requires_approval()
    proposal = Proposal.objects.create(
        state=State.SUBMITTED if must_wait or publish_at is None else State.SCHEDULED,
        note=note[:200],
        changes=by_path,
        live=_live(by_path),
        saved=_saved(by_path),
        submitted_by=by[:150],
        submitted_at=now,
        publish_at=publish_at,
    )
    said = "Submitted for approval" if must_wait or publish_at is None else "Scheduled"
    _record(proposal, f"{said}{_at(proposal)}.", by=by, now=now)
    return proposal


def approve(*, proposal_id: int, by: str, now: datetime) -> Proposal:
    """Let the changes go live now, or at their time where that is still to come.

    Raises CannotDecide, and NotPublishable where the checks refuse them; it then goes on waiting.
    """
    with transaction.atomic():
        proposal = _open(proposal_id)
        if proposal.submitted_by == by:
            raise CannotDecide("Somebody else than who submitted it must approve it.")
        problems = what_changed(proposal)
        if not problems:
            proposal.decided_by, proposal.decided_at, proposal.problem = by, now, ""
            _record(proposal, "Approved.", by=by, now=now)
            if proposal.publish_at is not None and proposal.publish_at > now:
                proposal.state = State.SCHEDULED
            else:
                _publish(proposal, now=now)
            proposal.save()
            return proposal
        _void(proposal, problems, now=now)
    raise CannotDecide(" ".join(problems))


def reject(*, proposal_id: int, by: str, comment: str, now: datetime) -> Proposal:
    """Refuse the changes, saying why; raises CannotDecide."""
    if not comment.strip():
        raise CannotDecide("Say why, so that it can be mended.")
    with transaction.atomic():
        proposal = _open(proposal_id)
        if proposal.submitted_by == by:
            raise CannotDecide("Withdraw what you submitted yourself.")
        proposal.state, proposal.comment = State.REJECTED, comment.strip()
        proposal.decided_by, proposal.decided_at = by, now
        proposal.save()
        _record(proposal, f"Rejected: {proposal.comment}", by=by, now=now)
    return proposal


def withdraw(*, proposal_id: int, by: str, now: datetime) -> Proposal:
    """Let the changes wait no longer; raises CannotDecide."""
    with transaction.atomic():
        proposal = _open(proposal_id)
        proposal.state = State.WITHDRAWN
        proposal.save()
        _record(proposal, "Withdrawn before it was live.", by=by, now=now)
    return proposal


def publish_due(*, now: datetime) -> int:
    """Publish what was scheduled for now or earlier; return how much is live by it.

    What cannot be published says so: in the proposal, in the history and in the log.
    """
    waiting = Proposal.objects.filter(state__in=OPEN, publish_at__lte=now, problem="")
    due = list(waiting.order_by("publish_at", "pk").values_list("pk", flat=True))
    return sum(_publish_if_possible(pk, now) for pk in due)


def what_changed(proposal: Proposal) -> list[str]:
    """Return, as sentences, what is no longer as it was when the proposal was submitted."""
    saved, live = _saved(proposal.changes), _live(proposal.changes)
    edited = [path for path in proposal.changes if saved[path] != proposal.saved[path]]
    paths = sorted({*live, *proposal.live})
    published = [path for path in paths if live.get(path) != proposal.live.get(path)]
    return [
        *(f"{_called(proposal, path)} was edited after it was submitted." for path in edited),
        *(f"{_called(proposal, path)} was published anew meanwhile." for path in published),
    ]


def latest_unfinished(path: str) -> Proposal | None:
    """Return the latest proposal for this place, unless it went live or somebody ended it."""
    latest = Proposal.objects.filter(changes__has_key=path).first()
    ended = (State.LIVE, State.WITHDRAWN)
    return None if latest is None or latest.state in ended else latest


def difference(proposal: Proposal) -> list[Change]:
    """Return what the proposal changes of what is live, readably; of an old one, of what was."""
    document = document_of(latest_publication())
    if not proposal.is_open:
        was = {place_of(path): one for path, one in proposal.live.items()}
        document = with_changes(document, was)
    return changes_between(document, with_changes(document, _by_place(proposal)))


def objections(proposal: Proposal) -> tuple[str, ...]:
    """Return why the proposal could not be published now: golden visitors, and what is missing."""
    document = document_of(latest_publication())
    wanted = with_changes(document, _by_place(proposal))
    try:
        check_document(wanted, changes=changed_paths(document, wanted))
    except NotPublishable as error:
        return error.messages
    return ()


def _publish_if_possible(proposal_id: int, now: datetime) -> bool:
    with transaction.atomic():
        proposal = _locked(proposal_id)
        if proposal is None:
            # Another worker has it, or somebody decided meanwhile.
            return False
        problems = what_changed(proposal)
        if problems:
            _void(proposal, problems, now=now)
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
        changes=_by_place(proposal),
        by=f"{proposal.submitted_by}{approved}",
        note=proposal.note,
        now=now,
        proposal=proposal,
    )
    proposal.state, proposal.version = State.LIVE, published.version


def _void(proposal: Proposal, problems: list[str], *, now: datetime) -> None:
    _complain(proposal, State.VOID, " ".join(problems), now=now)
    proposal.save()


def _complain(proposal: Proposal, state: str, problem: str, *, now: datetime) -> None:
    proposal.state, proposal.problem = state, problem
    logger.error("Proposal %s (%s) is not live: %s", proposal.pk, proposal.note, problem)
    _record(proposal, f"Not published. {problem}", by="system", now=now)


def _open(proposal_id: int) -> Proposal:
    proposal = Proposal.objects.select_for_update().get(pk=proposal_id)
    if not proposal.is_open:
        raise CannotDecide(f"It is {proposal.get_state_display()} already.")
    return proposal


def _locked(proposal_id: int) -> Proposal | None:
    waiting = Proposal.objects.select_for_update(skip_locked=True)
    return waiting.filter(pk=proposal_id, state__in=OPEN).first()


def _by_place(proposal: Proposal) -> Changes:
    return {place_of(path): one for path, one in proposal.changes.items()}


def _saved(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is saved at each path, as the room that keeps it says."""
    places = {path: place_of(path) for path in changes}
    return {
        path: import_string(settings.SAVED_DEFINITIONS[section])(key)
        for path, (section, key) in places.items()
    }


def _live(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is live at each path, and of each segment that the new rules name."""
    document = document_of(latest_publication())
    wanted = with_changes(document, {place_of(path): one for path, one in changes.items()})
    paths = dict.fromkeys([*changes, *_named(changes, wanted["segments"])])
    return {path: entry_at(document, path) for path in paths}


def _named(changes: Mapping[str, Any], segments: Mapping[str, Any]) -> Iterator[str]:
    resolve = among(segments)
    for path, definition in changes.items():
        section, key = place_of(path)
        if section == "segments" and definition is not None:
            try:
                whole = inlined(parse_rule(definition["rule"]), resolve=resolve, key=key)
            except RuleError:
                # A segment it names is gone; the checks before publishing say so.
                continue
            yield from (f"segments/{name}" for name in named_in(whole))


def _called(proposal: Proposal, path: str) -> str:
    known = proposal.changes.get(path) or proposal.live.get(path) or proposal.saved.get(path)
    return f"“{known['name']}”" if known else path


def _record(proposal: Proposal, said: str, *, by: str, now: datetime) -> None:
    for path in proposal.changes:
        section, key = place_of(path)
        if section == "segments":
            record(key=key, said=f"{said} ({proposal.note})", by=by, now=now)


def _at(proposal: Proposal) -> str:
    at = proposal.publish_at
    return f", to be live at {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""
