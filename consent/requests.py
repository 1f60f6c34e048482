"""Fulfil what people ask for, and prove it: each store erases and is read back."""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import models, transaction

from consent.mirroring import mirror_suppressions
from consent.models.proof import Suppression
from consent.models.requests import (
    COMPLETED,
    FAILED,
    PARTIAL,
    PROCESSING,
    RECEIVED,
    VERIFIED,
    VERIFYING,
    PrivacyRequest,
)
from consent.receipts import issue
from consent.stores import Person, PersonalDataStore, personal_data_stores, resolve_person
from consent.subjects import Subject

logger = logging.getLogger(__name__)

# A worker that has been silent for this long is taken for dead.
LEASE: Final = timedelta(minutes=2)
# Events that wait in a stream are dropped when their turn comes, so emptiness is asked for again.
MAX_ATTEMPTS: Final = 6
SUPPRESSION: Final = "suppression"
WORKER: Final = "worker"

Entry = dict[str, Any]
Clock = Callable[[], datetime]


class TakenOver(Exception):
    """Another worker has claimed the request since; this one must not write any more."""


@transaction.atomic
def open_request(
    *,
    type: str,
    subject: Subject,
    regulation: str = "gdpr",
    opened_by: str,
    verified: bool,
    now: datetime,
) -> PrivacyRequest:
    """Write the request down, keeping of its one identifier only the kind and a keyed digest.

    `verified`: the identity was established by whoever opens it; otherwise the request waits in
    `received` until `confirm_identity`.
    """
    (identifier,) = subject.identifiers
    request = PrivacyRequest(
        type=type,
        regulation=regulation,
        subject_kind=identifier.kind,
        pseudonym=identifier.pseudonym,
        opened_by=opened_by,
        received_at=now,
    )
    request.move(RECEIVED, by=opened_by, now=now)
    if verified:
        request.move(VERIFIED, by=opened_by, now=now, note="Identity vouched for by the opener")
    return request


def confirm_identity(request: PrivacyRequest, *, by: str, now: datetime) -> None:
    """Let a received request be fulfilled; raises MoveRefused in any other state."""
    with transaction.atomic():
        request.move(VERIFIED, by=by, now=now, note="Identity confirmed")


def run_again(request: PrivacyRequest, *, by: str, now: datetime) -> None:
    """Queue a partial or failed request once more; raises MoveRefused in any other state."""
    with transaction.atomic():
        request.move(VERIFIED, by=by, now=now, note=f"Run again after run {request.run}")
        request.run += 1
        request.attempts = 0
        request.started_at = None
        request.save()


def stale_requests(*, now: datetime) -> models.QuerySet[PrivacyRequest]:
    """Return requests that somebody should be working on, and nobody seems to."""
    return PrivacyRequest.objects.filter(
        state__in=(VERIFIED, PROCESSING, VERIFYING), changed_at__lte=now - LEASE / 2
    )


def fulfil(request_id: UUID | str, now: datetime) -> PrivacyRequest:
    """Erase the person from every store, read each back, and issue the receipt.

    Safe to call at any time and any number of times: what has ended, or is in another worker's
    hands, is left as it is. `verifying` on return means: not empty yet, ask again.
    """
    clock = _running_from(now)
    request = _claim(request_id, now=now)
    if request is not None:
        try:
            _work(request, clock=clock)
        except TakenOver:
            logger.info("Another worker goes on with %s.", request)
    return PrivacyRequest.objects.get(pk=request_id)


def _running_from(now: datetime) -> Clock:
    """Return a clock that shows `now` and goes on from there: a receipt tells when it ended."""
    started = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - started)


def _work(request: PrivacyRequest, *, clock: Clock) -> None:
    person = Person.from_json(request.person or {})
    stores = personal_data_stores()
    _attempt(request, SUPPRESSION, partial(_keep_away, person))
    for store in stores:
        _attempt(request, store.name, partial(_erase, store, person))
    with transaction.atomic():
        _hold(request).move(VERIFYING, by=WORKER, now=clock())
    request.state = VERIFYING
    for store in stores:
        _attempt(request, store.name, partial(_read_back, store, person))
    _finish(request, stores, now=clock())


@transaction.atomic
def _claim(request_id: UUID | str, *, now: datetime) -> PrivacyRequest | None:
    """Take the request in hand and find the person, before anything that leads to them is gone."""
    free = PrivacyRequest.objects.select_for_update(skip_locked=True)
    request = free.filter(pk=request_id).first()
    if request is None or not _is_due(request, now=now):
        return None
    if request.attempts >= MAX_ATTEMPTS:
        request.move(FAILED, by=WORKER, now=now, note=f"Broke off {request.attempts} times")
        return None
    request.attempts += 1
    request.person = _find_person(request).as_json()
    if request.started_at is None:
        request.started_at = now
        request.report = {}
    _suppress(request.person["pseudonyms"], erased_at=request.started_at)
    request.move(PROCESSING, by=WORKER, now=now, note=f"Attempt {request.attempts}")
    return request


def _is_due(request: PrivacyRequest, *, now: datetime) -> bool:
    if request.state == PROCESSING:
        return request.changed_at <= now - LEASE
    return request.state in {VERIFIED, VERIFYING}


def _find_person(request: PrivacyRequest) -> Person:
    """Return whom earlier attempts found, and whom the identifiers lead to now."""
    found = resolve_person({request.pseudonym})
    if request.person is None:
        return found
    before = Person.from_json(request.person)
    found = resolve_person(before.pseudonyms)
    return Person(before.pseudonyms | found.pseudonyms, before.profile_ids | found.profile_ids)


def _suppress(pseudonyms: Collection[str], *, erased_at: datetime) -> None:
    Suppression.objects.bulk_create(
        (Suppression(pseudonym=pseudonym, erased_at=erased_at) for pseudonym in pseudonyms),
        update_conflicts=True,
        unique_fields=["pseudonym"],
        update_fields=["erased_at"],
    )


def _attempt(request: PrivacyRequest, name: str, act: Callable[[Entry], None]) -> None:
    """Let a store act, and keep in the request what came of it, a fault included."""
    entry: Entry = dict(request.report.get(name, {}))
    try:
        with transaction.atomic():
            act(entry)
    except Exception as error:
        logger.exception("The store %r cannot be reached for %s.", name, request)
        # The kind only: a message may quote what it failed on.
        entry["fault"] = type(error).__name__
    request.report[name] = entry
    with transaction.atomic():
        held = _hold(request)
        held.report = request.report
        held.save(update_fields=["report"])


def _keep_away(person: Person, entry: Entry) -> None:
    # First of all: events that wait are dropped from now on, and imports bring nobody back.
    mirror_suppressions(person.pseudonyms)
    entry.pop("fault", None)


def _erase(store: PersonalDataStore, person: Person, entry: Entry) -> None:
    # After a killed attempt the first count is the true one.
    entry.setdefault("before", store.count(person))
    entry["remarks"] = _added(entry.get("remarks", {}), store.erase(person))
    entry.pop("fault", None)


def _read_back(store: PersonalDataStore, person: Person, entry: Entry) -> None:
    entry["after"] = store.count(person)


def _added(before: Mapping[str, Any], remarks: Mapping[str, Any]) -> Entry:
    """Return the remarks of two attempts as one; numbers add up."""
    return {**before, **remarks} | {
        key: before[key] + value
        for key, value in remarks.items()
        if isinstance(value, int) and isinstance(before.get(key), int)
    }


def _hold(request: PrivacyRequest) -> PrivacyRequest:
    """Lock the row as this worker left it; raises TakenOver where another went on with it."""
    held = PrivacyRequest.objects.select_for_update().get(pk=request.pk)
    if (held.run, held.attempts, held.state) != (request.run, request.attempts, request.state):
        raise TakenOver
    return held


@transaction.atomic
def _finish(request: PrivacyRequest, stores: Sequence[PersonalDataStore], *, now: datetime) -> None:
    held = _hold(request)
    has_faults = any("fault" in entry for entry in held.report.values())
    has_remains = any(entry.get("after") for entry in held.report.values())
    if has_remains and not has_faults and held.attempts < MAX_ATTEMPTS:
        return
    outcome = PARTIAL if has_faults or has_remains else COMPLETED
    issue(held, outcome=outcome, stores=_account(held.report, stores), now=now)
    if outcome == COMPLETED:
        # Until then whoever runs it again must find the person, whose profile may be gone.
        held.person = None
    held.move(outcome, by=WORKER, now=now)


def _account(report: Mapping[str, Entry], stores: Sequence[PersonalDataStore]) -> list[Entry]:
    """Return what the receipt says of each store; None where a store could not be counted."""
    account: list[Entry] = [
        {
            "name": store.name,
            "before": report[store.name].get("before"),
            "after": report[store.name].get("after"),
            "remarks": report[store.name].get("remarks", {}),
            "exceptions": list(store.exceptions),
            "fault": report[store.name].get("fault"),
        }
        for store in stores
    ]
    fault = report[SUPPRESSION].get("fault")
    return [*account, {"name": SUPPRESSION, "fault": fault}] if fault else account
