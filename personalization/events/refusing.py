"""Keep refused events of people who agreed, so that they can be let in when the schema is mended.

Kept for seven days, with direct identifiers sealed. Keeping never makes the door fail or wait:
while PostgreSQL is away, and after a day's limit, refused events are only counted.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha256
from typing import Any, Final, Self
from uuid import UUID

import redis
from django.conf import settings
from django.db import Error, connection, transaction

from consent.keyspaces import Keyspace, redis_connection
from consent.subjects import Subject, named
from personalization.events.examining import EventQuarantined
from personalization.events.keepable import EventRefused
from personalization.events.models import RefusedEvent
from personalization.events.setting_apart import SEALED, in_the_clear, whole
from personalization.identifiers.kinds import current_kinds
from personalization.vault.naming import personal_traits

logger = logging.getLogger(__name__)

REFUSED_TODAY: Final = Keyspace("refused", personal=False, purpose="How many were kept today")
KEPT: Final = timedelta(days=7)
LARGEST_PAYLOAD: Final = 65_536
PATIENCE_MS: Final = 1_000
# After PostgreSQL did not answer, the door does not ask it again for this long.
PAUSE_SECONDS: Final = 5.0
LONGEST_ID: Final = 128
DELETED_AT_ONCE: Final = 5_000

Who = tuple[str, str]  # anonymous id, user id
_paused_until = {"until": float("-inf")}


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that was refused, whose it seems to be, and why."""

    raw: Any
    kind: str
    type: str
    source: str
    field: str
    message: str
    who: Who

    @classmethod
    def of(cls, raw: Any, refusal: EventRefused, *, source: str) -> Self:
        """Return what can be said of an event of which nothing may be taken for granted."""
        stated: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
        is_odd = isinstance(refusal, EventQuarantined)
        kind = RefusedEvent.Kind.QUARANTINED if is_odd else RefusedEvent.Kind.REFUSED
        return cls(
            raw=raw,
            kind=kind,
            type=_text(stated.get("type"), longest=64),
            source=source,
            field=refusal.field,
            message=refusal.message,
            who=(
                _id(stated.get("anonymous_id"), kind="anonymous"),
                _id(stated.get("user_id"), kind="user"),
            ),
        )


def keep(refused: Sequence[Refused], *, now: datetime) -> int:
    """Keep refused events of people who agreed, and return how many; never raises."""
    if not refused or time.monotonic() < _paused_until["until"]:
        return 0
    rows = [row for one in refused if (row := _row(one, now=now)) is not None]
    try:
        allowed = rows[: _left_today(len(rows), now=now)]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE_MS}")
            RefusedEvent.objects.bulk_create(allowed, ignore_conflicts=True)
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except (Error, redis.RedisError) as error:
        _paused_until["until"] = time.monotonic() + PAUSE_SECONDS
        logger.warning("%d refused events cannot be kept: %s", len(rows), error)
        return 0
    if len(allowed) < len(refused):
        logger.warning("%d refused events are not kept.", len(refused) - len(allowed))
    return len(allowed)


def delete_old(*, now: datetime) -> int:
    """Delete what was kept for seven days, and return how many rows."""
    deleted = 0
    while True:
        old = RefusedEvent.objects.filter(received_at__lte=now - KEPT)
        batch = list(old.values_list("pk", flat=True)[:DELETED_AT_ONCE])
        if not batch:
            return deleted
        deleted += RefusedEvent.objects.filter(pk__in=batch).delete()[0]


def _row(one: Refused, *, now: datetime) -> RefusedEvent | None:
    event = whole(one.raw)
    if len(event) > LARGEST_PAYLOAD:
        return None
    identifiers = _further(one.raw)
    subject = Subject.of(anonymous_id=one.who[0], user_id=one.who[1])
    row = RefusedEvent(
        digest=_digest(event, source=one.source),
        kind=one.kind,
        type=one.type,
        source=one.source,
        field=_storable(one.field)[:200],
        reason=_storable(one.message)[:300],
        received_at=now,
        payload=in_the_clear(one.raw),
        identifiers=identifiers,
        pseudonyms=sorted({*subject.pseudonyms, *identifiers.values()}),
    )
    if row.payload != event:
        SEALED.put(row, event)
    return row


def _digest(event: bytes, *, source: str) -> UUID:
    """Tell events apart; keyed, because what is sealed of them could be found by guessing."""
    key = sha256(settings.PSEUDONYM_KEY.encode()).digest()
    return UUID(bytes=blake2b(event + source.encode(), digest_size=16, key=key).digest())


def _left_today(wanted: int, *, now: datetime) -> int:
    """Count these, and return how many of them fit into what is kept of one day."""
    key = REFUSED_TODAY.key(now.astimezone(UTC).date().isoformat())
    pipeline = redis_connection().pipeline(transaction=False)
    pipeline.incrby(key, wanted)
    pipeline.expire(key, timedelta(days=2))
    total, _ = pipeline.execute()
    return max(0, min(wanted, settings.EVENT_REFUSED_KEPT_A_DAY - (int(total) - wanted)))


def _further(raw: Any) -> dict[str, str]:
    """Return the pseudonyms of what the person is known by besides, as far as it can be read."""
    found = {}
    for part in ("traits", "identifiers"):
        holder = raw.get(part) if isinstance(raw, dict) else None
        if not isinstance(holder, dict):
            continue
        stated = {**holder, **personal_traits(holder)}
        for kind in current_kinds().further:
            for one in named([(kind, _id(stated.get(kind), kind=kind))]):
                found[kind] = one.pseudonym
    return found


def _id(stated: Any, *, kind: str) -> str:
    text = _text(stated)
    return "" if current_kinds().names_nobody(kind, text) else text


def _text(stated: Any, *, longest: int = LONGEST_ID) -> str:
    is_text = isinstance(stated, str) and len(stated) <= longest
    return _storable(stated).strip() if is_text else ""


def _storable(text: str) -> str:
    return text.replace("\x00", "").encode(errors="replace").decode()
