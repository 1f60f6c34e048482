"""How a proposal stands to what is saved and to what is live."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
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
from personalization.segments.models import Proposal
from personalization.segments.refusing import NotPublishable, check_document

MAY_APPROVE = "segments.approve_proposal"


def what_changed(proposal: Proposal) -> list[str]:
    """Return, as sentences, what is no longer as it was when the proposal was submitted."""
    saved, live = saved_at(proposal.changes), live_at(proposal.changes)
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
    ended = (Proposal.State.LIVE, Proposal.State.WITHDRAWN, Proposal.State.REPLACED)
    return None if latest is None or latest.state in ended else latest


def difference(proposal: Proposal) -> list[Change]:
    """Return what the proposal changes of what is live, readably; of an old one, of what was."""
    document = document_of(latest_publication())
    if not proposal.is_open:
        was = {place_of(path): one for path, one in proposal.live.items()}
        document = with_changes(document, was)
    return changes_between(document, with_changes(document, by_place(proposal)))


def objections(proposal: Proposal) -> tuple[str, ...]:
    """Return why the proposal could not be published now: golden visitors, and what is missing."""
    document = document_of(latest_publication())
    wanted = with_changes(document, by_place(proposal))
    try:
        check_document(wanted, changes=changed_paths(document, wanted), insists=proposal.insists)
    except NotPublishable as error:
        return error.messages
    return ()


def who_may_approve() -> list[str]:
    """Return the names of all who may approve what others submitted; one query."""
    found = get_user_model()._default_manager.with_perm(
        MAY_APPROVE, backend="django.contrib.auth.backends.ModelBackend"
    )
    return sorted(found.filter(is_staff=True).values_list("username", flat=True))


def by_place(proposal: Proposal) -> Changes:
    """Return the changes as publishing takes them."""
    return {place_of(path): one for path, one in proposal.changes.items()}


def saved_at(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is saved at each path, as the room that keeps it says."""
    places = {path: place_of(path) for path in changes}
    return {
        path: import_string(settings.SAVED_DEFINITIONS[section])(key)
        for path, (section, key) in places.items()
    }


def live_at(changes: Mapping[str, Any]) -> dict[str, Any]:
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
