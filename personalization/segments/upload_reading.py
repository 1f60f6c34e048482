"""Read an uploaded list, in a worker: the segment has the whole new list, or the one it had."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from personalization.segments.history import record
from personalization.segments.list_filling import Filling, batches
from personalization.segments.list_lines import Unfit
from personalization.segments.list_reading import read_members
from personalization.segments.listing import (
    drop_list,
    forget_old_lists,
    new_list,
    take_over,
    telling,
)
from personalization.segments.models import FINAL, ListUpload, Segment, UploadPart
from personalization.segments.publishing import NeedsApproval, NotPublishable, publish_segment
from personalization.segments.submitting import submit
from personalization.segments.upload_keeping import kept_lines

logger = logging.getLogger(__name__)

# Without a sign of life for this long it has lost its worker.
LOST_AFTER: Final = timedelta(minutes=2)
READ: Final = 70  # percent, once the last line is read; the rest is matching


class Superseded(Exception):
    """A newer list was uploaded meanwhile; this one is read no further."""


class Unusable(Unfit):
    """There is no identifier in what was uploaded."""

    def __init__(self, filling: Filling) -> None:
        refusals = [f"Line {one.line}: {one.reason}" for one in filling.refusals[:3]]
        super().__init__(" ".join(["There is no identifier in it.", *refusals]))


def read_upload(upload_id: int, *, clock: Callable[[], datetime]) -> None:
    """Make the list of what was uploaded, unless somebody does so already or it is over.

    Nothing of it is seen before it is whole. Where it fails the segment keeps the list it had.
    """
    if not _claimed(upload_id, clock()):
        return
    upload = ListUpload.objects.select_related("segment").get(pk=upload_id)
    _drop_list(upload)
    try:
        _make_list(upload, clock)
    except (Superseded, UploadPart.DoesNotExist):
        # With the parts of a newer upload those of this one went.
        _drop_list(upload)
    except Unfit as error:
        upload.parts.all().delete()
        _fail(upload, str(error), clock())
    except Exception as error:
        logger.exception("The upload %s cannot be read", upload_id)
        _fail(upload, f"It could not be read ({type(error).__name__}). Try again.", clock())
        raise


def try_again(upload: ListUpload, *, now: datetime) -> bool:
    """Let what failed wait for a worker once more; False where nothing is left of it."""
    if not upload.can_be_tried_again:
        return False
    waiting: dict[str, Any] = {"state": ListUpload.State.WAITING, "seen_at": now}
    waiting |= {"message": "", "stage": "", "percent": 0, "finished_at": None}
    return bool(ListUpload.objects.filter(pk=upload.pk).update(**waiting))


def lost_uploads(*, now: datetime) -> list[int]:
    """Return the uploads that should be read and have no worker."""
    silent = ListUpload.objects.exclude(state__in=FINAL).filter(seen_at__lt=now - LOST_AFTER)
    return list(silent.values_list("pk", flat=True))


def _claimed(upload_id: int, now: datetime) -> bool:
    free = Q(state=ListUpload.State.WAITING)
    free |= Q(state=ListUpload.State.READING, seen_at__lt=now - LOST_AFTER)
    mine = ListUpload.objects.filter(free, pk=upload_id)
    return bool(mine.update(state=ListUpload.State.READING, seen_at=now))


def _make_list(upload: ListUpload, clock: Callable[[], datetime]) -> None:
    made = new_list(upload.segment, note=upload.note, by=upload.made_by, now=upload.made_at)
    upload.member_list = made
    upload.save(update_fields=["member_list"])
    filling, lines = Filling(made), _CountedLines(kept_lines(upload))
    for batch in batches(read_members(lines, kind=upload.id_kind)):
        filling.take(batch)
        share = READ * lines.bytes_read // max(upload.size, 1)
        _tell(upload, f"{filling.members:,} identifiers read", share, clock())
    upload.refused = filling.refused
    upload.refusals = [[one.line, one.reason] for one in filling.refusals]
    if not filling.members:
        raise Unusable(filling)
    for told, of in telling(made):
        share = READ + (99 - READ) * told // of
        _tell(upload, f"{told:,} of {of:,} known profiles matched", share, clock())
    _finish(upload, filling, clock())
    forget_old_lists(upload.segment)
    upload.parts.all().delete()
    if upload.publishes:
        _publish(upload, clock())


class _CountedLines:
    """Lines, and how many bytes they were so far."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.bytes_read = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.bytes_read += len(line) + 1
            yield line


def _tell(upload: ListUpload, stage: str, percent: int, now: datetime) -> None:
    told = _mine(upload).update(stage=stage, percent=min(percent, 99), seen_at=now)
    if not told:
        raise Superseded


def _finish(upload: ListUpload, filling: Filling, now: datetime) -> None:
    """Let the segment have the list, unless a newer one came."""
    made = filling.member_list
    with transaction.atomic():
        segment = Segment.objects.select_for_update().get(pk=upload.segment_id)
        done = _mine(upload).update(
            state=ListUpload.State.DONE,
            percent=100,
            stage="",
            message=" ".join(_told(filling)),
            refused=upload.refused,
            refusals=upload.refusals,
            finished_at=now,
        )
        if not done:
            raise Superseded
        take_over(made, segment, members=filling.members, refused=filling.refused)
        said = f"The list “{made.key}” was read: {made.members:,} members."
        record(key=segment.key, said=said, by=upload.made_by, now=now)
    upload.segment = segment


def _told(filling: Filling) -> Iterator[str]:
    yield f"{filling.members:,} members are on the list."
    if filling.refused:
        yield f"{filling.refused:,} refused."


def _publish(upload: ListUpload, now: datetime) -> None:
    try:
        live = publish_segment(segment=upload.segment, by=upload.made_by, now=now)
    except NeedsApproval as error:
        said = _submit(upload, error, now)
    except NotPublishable as error:
        said = f"It is not live. {error}"
    else:
        said = f"It is live as version {live.version}."
    made = ListUpload.objects.get(pk=upload.pk)
    made.message = f"{made.message} {said}"
    made.save(update_fields=["message"])


def _submit(upload: ListUpload, error: NeedsApproval, now: datetime) -> str:
    proposal = submit(
        changes=error.changes,
        by=upload.made_by,
        note=error.note,
        now=now,
        key_owner=upload.key_owner,
    )
    return f"It waits for the approval of a second person, under the number {proposal.pk}."


def _fail(upload: ListUpload, said: str, now: datetime) -> None:
    _drop_list(upload)
    _mine(upload).update(
        state=ListUpload.State.FAILED,
        message=said,
        refused=upload.refused,
        refusals=upload.refusals,
        finished_at=now,
    )


def _drop_list(upload: ListUpload) -> None:
    """Delete the part of a list that was made before; the profiles that know of it forget it."""
    if upload.member_list is not None:
        drop_list(upload.member_list)
        upload.member_list = None


def _mine(upload: ListUpload) -> "QuerySet[ListUpload]":
    return ListUpload.objects.filter(pk=upload.pk, state=ListUpload.State.READING)
