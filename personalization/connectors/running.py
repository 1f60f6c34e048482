"""Ask a system for what changed, take it in, and write down what became of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

import requests
from django.db import IntegrityError, transaction

from catalog.feed_lines import FeedLine
from personalization.connectors.confiding import secret_of
from personalization.connectors.connecting import Asked
from personalization.connectors.importing import (
    REFUSALS_KEPT,
    ImportedProfiles,
    Taking,
    import_profiles,
)
from personalization.connectors.mapping import MappingError
from personalization.connectors.models import Connection, Run
from personalization.connectors.reaching import SourceFailed
from personalization.outbound.reaching import safe_session
from personalization.streams.stream import StreamUnavailable

# A run without a sign of life for this long has lost its worker.
DEAD_AFTER: Final = timedelta(minutes=15)
LOST: Final = "The worker ended before the run did."
ROWS_TRIED: Final = 100
FAILURES: Final = (SourceFailed, MappingError, StreamUnavailable)
DELIVERIES: Final = "deliveries"
COUNTS: Final = ("read", "created", "updated", "unchanged")


class AlreadyRunning(Exception):
    """The connection is being asked by somebody else."""


def run_connection(
    connection: Connection, *, started_by: str, clock: Callable[[], datetime]
) -> Run:
    """Read what changed since the cursor, and return the run, done or failed.

    The cursor moves on page by page, so a run that fails goes on where it was. Raises
    AlreadyRunning.
    """
    run = _start(connection, started_by=started_by, now=clock())
    done = ImportedProfiles()
    try:
        _read_pages(connection, run, done, clock=clock)
    except FAILURES as error:
        _finish(run, done, state=Run.State.FAILED, message=str(error), now=clock())
    else:
        _finish(run, done, state=Run.State.DONE, message="", now=clock())
    _plan(connection, failed=run.state == Run.State.FAILED, now=clock())
    return run


def try_connection(connection: Connection, *, clock: Callable[[], datetime]) -> ImportedProfiles:
    """Say what the next rows would become, and keep nothing.

    Raises SourceFailed, MappingError, StreamUnavailable.
    """
    with safe_session() as session:
        asked = _asked(connection, session)
        pages = connection.connector.fetch(asked, since=connection.cursor)
        rows = islice((record for page in pages for record in page.records), ROWS_TRIED)
        taking = Taking(asked.mapping, frozenset(connection.vouched_purposes), dry=True)
        return import_profiles(_lines(rows), taking=taking, clock=clock)


def bury_lost_runs(*, now: datetime) -> int:
    """Mark runs whose worker is gone as failed, and return how many there were."""
    lost = Run.objects.filter(state=Run.State.RUNNING, seen_at__lt=now - DEAD_AFTER)
    return lost.update(state=Run.State.FAILED, finished_at=now, message=LOST)


@transaction.atomic
def add_to_day(connection: Connection, done: ImportedProfiles, *, now: datetime) -> None:
    """Add a delivery to the day's run: a run for each would bury all others."""
    Connection.objects.select_for_update().get(pk=connection.pk)
    day = connection.runs.filter(started_by=DELIVERIES, started_at__date=now.date()).first()
    run = day or Run(connection=connection, started_by=DELIVERIES, started_at=now)
    examples = [*run.examples, *(asdict(row) for row in done.refused)]
    for name in COUNTS:
        setattr(run, name, getattr(run, name) + getattr(done, name))
    run.reasons = dict(Counter(run.reasons) + done.reasons)
    run.refused += done.refusals
    run.examples = examples[-REFUSALS_KEPT:]
    run.state, run.seen_at, run.finished_at = Run.State.DONE, now, now
    run.save()


def write_counts(run: Run, done: ImportedProfiles) -> None:
    """Copy what became of the rows to the run, in memory."""
    for name in COUNTS:
        setattr(run, name, getattr(done, name))
    run.refused = done.refusals
    run.reasons = dict(done.reasons.most_common())
    run.examples = [asdict(row) for row in done.refused]


def _start(connection: Connection, *, started_by: str, now: datetime) -> Run:
    bury_lost_runs(now=now)
    try:
        with transaction.atomic():
            return Run.objects.create(
                connection=connection, started_by=started_by, started_at=now, seen_at=now
            )
    except IntegrityError as error:
        raise AlreadyRunning(f"{connection} is being asked already.") from error


def _read_pages(
    connection: Connection,
    run: Run,
    done: ImportedProfiles,
    *,
    clock: Callable[[], datetime],
) -> None:
    with safe_session() as session:
        asked = _asked(connection, session)
        taking = Taking(asked.mapping, frozenset(connection.vouched_purposes))
        for page in connection.connector.fetch(asked, since=connection.cursor):
            lines = _lines(page.records, after=done.read)
            import_profiles(lines, taking=taking, clock=clock, done=done)
            write_counts(run, done)
            run.seen_at = clock()
            run.save()
            if page.cursor:
                connection.cursor = page.cursor
                connection.save(update_fields=["cursor"])


def _asked(connection: Connection, session: requests.Session) -> Asked:
    return Asked(
        settings=connection.settings,
        secret=secret_of(connection),
        mapping=connection.source_mapping,
        session=session,
    )


def _lines(
    records: Sequence[Mapping[str, Any]] | Iterator[Mapping[str, Any]], *, after: int = 0
) -> Iterator[FeedLine]:
    for number, record in enumerate(records, start=after + 1):
        yield FeedLine(number, record)


def _finish(
    run: Run, done: ImportedProfiles, *, state: Run.State, message: str, now: datetime
) -> None:
    write_counts(run, done)
    run.state, run.message, run.finished_at, run.seen_at = state, message, now, now
    run.save()


def _plan(connection: Connection, *, failed: bool, now: datetime) -> None:
    connection.next_run_at = connection.after(now=now, failed=failed)
    connection.failures = connection.failures + 1 if failed else 0
    connection.save(update_fields=["next_run_at", "failures"])
