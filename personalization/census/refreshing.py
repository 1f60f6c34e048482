"""Keep the census current: what changed, a new day, facts that are new in it.

Nothing can be lost between a change and its row. Whoever changes a profile notes it in the same
transaction (the trigger). Here a batch first deletes notes and then, in a statement of its own and
so with a later view of the database, reads the profiles they name. A change that was committed
before the notes were deleted is read; of one committed later the note was not yet to be seen, and
stays. Whoever counts sees in one statement either the note, or the row made without it.

Rows are locked by their profile's id, and whoever waits longer than PATIENCE lets go and comes back
later: nobody else ever has to give way to this.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from django.db import IntegrityError, OperationalError, connection, transaction

from consent.checking import UNKNOWN
from personalization.census.agreeing import read_choices
from personalization.census.models import Layout, Slot
from personalization.census.planning import LAYOUT, usable
from personalization.census.slots import Seat, day_of
from personalization.profiles.facts import SECONDS_PER_DAY
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.profiles.remembering import read_facts
from personalization.rules.reading import Known

BATCH: Final = 2_000
# Notes taken at once: of a busy visitor there are many.
NOTES: Final = 4_000
# Less than PostgreSQL waits before it looks for a deadlock and breaks off one of its parties.
PATIENCE: Final = "SET LOCAL lock_timeout = '500ms'"
TAKE_NOTES: Final = f"""
WITH taken AS (DELETE FROM census_change WHERE id IN (
 SELECT id FROM census_change ORDER BY id LIMIT {NOTES}) RETURNING profile_id)
SELECT DISTINCT profile_id FROM taken
"""  # noqa: S608 - a number of ours
TAKE_CHOICE_NOTES: Final = f"""
WITH taken AS (DELETE FROM census_choicechange WHERE id IN (
 SELECT id FROM census_choicechange ORDER BY id LIMIT {NOTES}) RETURNING pseudonym)
SELECT DISTINCT pseudonym FROM taken
"""  # noqa: S608 - a number of ours
WRITE: Final = """
INSERT INTO census_row (profile_id, day{names})
SELECT profile_id, %s{names} FROM jsonb_to_recordset(%s) AS made(profile_id bigint{types})
ORDER BY profile_id
ON CONFLICT (profile_id) DO UPDATE SET day = EXCLUDED.day{updates}
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many rows were written, and whether there is more to do at once."""

    written: int
    is_current: bool


def refresh_census(*, now: datetime, batches: int) -> Progress:
    """Write rows for what changed, then for a new day or new facts, in at most so many batches.

    Each batch is a transaction of its own. One refreshes at a time; others return at once.
    """
    written = 0
    for _ in range(batches):
        try:
            done = _batch(now)
        except (OperationalError, IntegrityError) as error:
            if not _is_passing(error):
                raise
            # Somebody holds one of these profiles, or has just deleted it: the next time, then.
            return Progress(written, is_current=False)
        if done is None:
            return Progress(written, is_current=True)
        written += done
    return Progress(written, is_current=False)


def locked_layout(*, wait: bool) -> Layout | None:
    """Return the layout; nobody else changes rows or slots until this transaction ends.

    None while somebody does, unless this is to wait.
    """
    Layout.objects.get_or_create(pk=LAYOUT)
    return Layout.objects.select_for_update(skip_locked=not wait).filter(pk=LAYOUT).first()


@transaction.atomic
def _batch(now: datetime) -> int | None:
    """Write one batch of what changed and one of what is rewritten; None: there was nothing."""
    layout = locked_layout(wait=False)
    if layout is None:
        return None
    _turn(layout, now)
    noted, chose = _take_notes()
    if not noted and not chose and layout.cursor is None:
        return None
    # Who has these identifiers: asked after their notes were taken, as the facts are.
    holders = ProfileIdentifier.objects.filter(pseudonym__in=chose) if chose else ()
    # All each time, so that a busy shop does not keep a new day from beginning.
    following = _go_on(layout) if layout.cursor is not None else []
    return _write({*noted, *(one.profile_id for one in holders), *following}, layout)


def _take_notes() -> tuple[list[int], list[str]]:
    """Delete some notes, and return the profiles and the identifiers they name."""
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        cursor.execute(TAKE_NOTES)
        noted = [profile_id for (profile_id,) in cursor.fetchall()]
        cursor.execute(TAKE_CHOICE_NOTES)
        return noted, [pseudonym for (pseudonym,) in cursor.fetchall()]


def _turn(layout: Layout, now: datetime) -> None:
    """Begin anew with the first profile when a day began, or a fact is read in a new way."""
    stale = [slot.pk for slot in Slot.objects.all() if usable(slot) is None]
    Slot.objects.filter(pk__in=stale).delete()
    if day_of(now) > layout.day:
        layout.day, layout.is_turned, layout.cursor = day_of(now), False, 0
    elif not stale:
        return
    layout.version += 1
    layout.save()


def _go_on(layout: Layout) -> list[int]:
    """Return the profiles after the cursor; after the last, everything holds."""
    following = Profile.objects.filter(pk__gt=layout.cursor).order_by("pk")
    ids = list(following.values_list("pk", flat=True)[:BATCH])
    if ids:
        layout.cursor = ids[-1]
    else:
        layout.cursor, layout.is_turned = None, True
        layout.version += 1
        Slot.objects.update(is_filled=True)
    layout.save()
    return ids


def _write(profile_ids: Collection[int], layout: Layout) -> int:
    seats = _seats()
    columns = {name: type_ for seat in seats for name, type_ in seat.columns.items()}
    # Any moment of the day: what is kept is the same through all of it.
    moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=layout.day * SECONDS_PER_DAY)
    has_choices = any(seat.fact.kind == "consent" for seat in seats)
    choices = read_choices(profile_ids) if has_choices else {}
    rows = [
        _row(Known(facts, {}, moment, profile_id, choices.get(profile_id, UNKNOWN)), seats)
        for profile_id, facts in read_facts(profile_ids).items()
    ]
    statement = WRITE.format(
        types="".join(f", {name} {type_}" for name, type_ in columns.items()),
        names="".join(f", {name}" for name in columns),
        updates="".join(f", {name} = EXCLUDED.{name}" for name in columns),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [layout.day, orjson.dumps(rows).decode()])
    return len(rows)


def _row(known: Known, seats: list[Seat]) -> dict[str, Any]:
    row: dict[str, Any] = {"profile_id": known.profile_id}
    for seat in seats:
        row |= seat.values(known)
    return row


def _seats() -> list[Seat]:
    return [seat for slot in Slot.objects.all() if (seat := usable(slot)) is not None]


def _is_passing(error: Exception) -> bool:
    # A lock that was not to be had, or a profile that is gone.
    return getattr(error.__cause__, "sqlstate", "") in ("55P03", "23503")
