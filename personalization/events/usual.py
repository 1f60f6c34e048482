"""Most events are of the usual kind, and one look shows that there is nothing to say of them.

What is looked for is stricter than the rules, never laxer: what passes they would accept unchanged,
without a flag, and tests hold them to it. All else (traits, further identifiers, what is nested,
long, odd, written otherwise or wrong) goes through them step by step, and they say what is wrong.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
import orjson
from msgspec import Meta, Struct, convert

from personalization.events.accepted import AcceptedEvent
from personalization.events.keepable import EventRefused
from personalization.events.standards import Standards
from personalization.events.validating import moment_of
from personalization.identifiers.kinds import Kinds

# Together so small that no event of these can be too large, or its value.
MOST_FIELDS: Final = 20
LONGEST_TEXT: Final = 150
LARGEST_NUMBER: Final = 2**53
# As JSON is written: a NUL, and what an e-mail address could stand in: @, or % for %40.
NOT_USUAL: Final = (b"\\u0000", b"@", b"%")

# In a body without escapes nothing else can hide, and a backslash begins each of them.
NOT_PLAIN: Final = (b"\\", b"@", b"%")

Id = Annotated[str, Meta(min_length=1, max_length=128)]
Plain = (
    Annotated[str, Meta(max_length=LONGEST_TEXT)]
    | Annotated[int, Meta(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
    | Annotated[float, Meta(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
    | bool
)
Part = Annotated[dict[str, Plain], Meta(max_length=MOST_FIELDS)]
NamesNobody = Callable[[str], bool]


class Usual(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """The form of a usual event, as it is sent."""

    message_id: Annotated[str, Meta(min_length=1, max_length=100)]
    type: Annotated[str, Meta(max_length=64)]
    occurred_at: str | None = None
    anonymous_id: Id | None = None
    user_id: Id | None = None
    properties: Part | None = None
    context: Part | None = None


class Batch(Struct, forbid_unknown_fields=True):
    """A body of usual events."""

    events: list[Usual]


_batches: Final = msgspec.json.Decoder(Batch)


def read_usual(body: bytes) -> list[Usual] | None:
    """Return the events of a JSON body all of whose events are of the usual form; else None."""
    if any(mark in body for mark in NOT_PLAIN):
        return None
    try:
        batch = _batches.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    # What stands twice in an object is read once, and nothing else makes colons fewer.
    if msgspec.json.encode(batch).count(b":") != body.count(b":"):
        return None
    return batch.events


def as_sent(raw: Any) -> Any:
    """Return the event as a dictionary, where it was read into the usual form."""
    return msgspec.to_builtins(raw) if isinstance(raw, Usual) else raw


def usual_events(
    raws: Sequence[Any], *, standards: Standards, kinds: Kinds, now: datetime, source: str
) -> list[AcceptedEvent | None]:
    """Return the accepted event of each; None where it takes a closer look."""
    nobody = kinds.blocked("anonymous"), kinds.blocked("user")
    return [
        None if one is None else _event(one, standards, nobody, now, source)
        for one in _in_form(raws)
    ]


def _in_form(raws: Sequence[Any]) -> Sequence[Usual | None]:
    if set(map(type, raws)) <= {Usual}:
        return raws
    formed = _formed(raws)
    return [one for raw in raws for one in _formed([raw]) or [None]] if formed is None else formed


def _formed(raws: Sequence[Any]) -> Sequence[Usual | None] | None:
    """Return them in the usual form; None where one of them has another."""
    try:
        written = orjson.dumps(raws)  # which halves of surrogate pairs cannot be
        if any(mark in written for mark in NOT_USUAL):
            return None
        return convert(raws, list[Usual])
    except (TypeError, msgspec.ValidationError):
        return None


def _event(
    raw: Usual,
    standards: Standards,
    nobody: tuple[NamesNobody, NamesNobody],
    now: datetime,
    source: str,
) -> AcceptedEvent | None:
    properties, context = raw.properties or {}, raw.context or {}
    shape = standards.shape(raw.type, tuple(properties), tuple(context))
    if shape is None or not shape.has_nothing_to_say(properties, context):
        return None
    anonymous_id, user_id = raw.anonymous_id or "", raw.user_id or ""
    if anonymous_id and not _names_somebody(anonymous_id, nobody[0]):
        return None
    if user_id and not _names_somebody(user_id, nobody[1]):
        return None
    if not (anonymous_id or user_id):
        return None
    moment = now
    if raw.occurred_at is not None:
        try:
            moment = moment_of(raw.occurred_at, now=now)
        except EventRefused:
            return None
    return AcceptedEvent(
        raw.message_id,
        raw.type,
        moment,
        now,
        anonymous_id,
        user_id,
        {},
        properties,
        context,
        {},
        source,
    )


def _names_somebody(value: str, names_nobody: NamesNobody) -> bool:
    return value == value.strip() and not names_nobody(value)
