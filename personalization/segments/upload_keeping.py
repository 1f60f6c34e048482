"""Keep what was uploaded until a worker reads it: in sealed parts, and no longer than a day."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from personalization.segments.list_reading import ListTooLong
from personalization.segments.models import FINAL, ListUpload, Segment, UploadPart
from personalization.vault.master_keys import master_keys
from personalization.vault.sealing import seal, unseal

PURPOSE: Final = "list-uploads"
KEPT_FOR: Final = timedelta(days=1)
PART_BYTES: Final = 1 << 20
LARGEST: Final = 500 << 20
LONGEST_LINE: Final = 64 << 20
REPLACED: Final = "A newer list was uploaded instead."
FORGOTTEN: Final = "It was not read within a day and is deleted. Upload it again."


def keep_upload(
    *,
    segment: Segment,
    chunks: Iterable[bytes],
    id_kind: str,
    note: str,
    publishes: bool,
    by: str,
    now: datetime,
    key_owner: str = "",
) -> ListUpload:
    """Keep what was uploaded, in place of an upload of the segment that is not over.

    `key_owner` answers for the API key it came with. Raises ListTooLong; nothing is kept then.
    """
    with transaction.atomic():
        # Of two that come at once the later one waits, and replaces the earlier.
        Segment.objects.select_for_update().get(pk=segment.pk)
        segment.uploads.exclude(state__in=FINAL).update(
            state=ListUpload.State.FAILED, message=REPLACED, finished_at=now
        )
        UploadPart.objects.filter(upload__segment=segment).delete()
        upload = ListUpload.objects.create(
            segment=segment,
            id_kind=id_kind,
            note=note[:200],
            publishes=publishes,
            size=0,
            made_by=by[:150],
            key_owner=key_owner,
            made_at=now,
            seen_at=now,
        )
        for number, chunk in enumerate(chunks):
            upload.size += len(chunk)
            if upload.size > LARGEST:
                raise ListTooLong(f"A file may have up to {LARGEST >> 20} MB.")
            sealed = _sealed(upload, number, chunk)
            UploadPart.objects.create(upload=upload, number=number, sealed=sealed)
        upload.save(update_fields=["size"])
    return upload


def kept_lines(upload: ListUpload) -> Iterator[bytes]:
    """Yield the lines of what was uploaded; one part at a time is in memory.

    Raises ListTooLong, UnknownKey, Tampered.
    """
    rest = b""
    for number in range(upload.parts.count()):
        part = upload.parts.get(number=number)
        *lines, rest = (rest + _opened(part)).split(b"\n")
        yield from lines
        if len(rest) > LONGEST_LINE:
            raise ListTooLong("A line is longer than 64 MB. Put one identifier on each line.")
    if rest:
        yield rest


def forget_old_uploads(*, now: datetime) -> int:
    """Delete what was uploaded and not read within a day; return how many uploads that were."""
    old = ListUpload.objects.filter(made_at__lt=now - KEPT_FOR, parts__isnull=False)
    ids = set(old.values_list("pk", flat=True))
    UploadPart.objects.filter(upload__in=ids).delete()
    open_ones = ListUpload.objects.filter(pk__in=ids).exclude(state__in=FINAL)
    open_ones.update(state=ListUpload.State.FAILED, message=FORGOTTEN, finished_at=now)
    return len(ids)


def _sealed(upload: ListUpload, number: int, plain: bytes) -> bytes:
    keys = master_keys()
    key = keys.derived(keys.current, PURPOSE)
    return seal(plain, key_id=keys.current, key=key, place=_place(upload.pk, number))


def _opened(part: UploadPart) -> bytes:
    def key_of(key_id: str) -> bytes:
        return master_keys().derived(key_id, PURPOSE)

    place = _place(part.upload_id, part.number)
    return unseal(bytes(part.sealed), key_of=key_of, place=place)


def _place(upload_id: int, number: int) -> tuple[str, ...]:
    return ("segments_uploadpart", "sealed", str(upload_id), str(number))
