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
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from personalization.access.parsing import parse_json_of_parts
from personalization.events.accepted import AcceptedEvent
from personalization.events.keepable import EventRefused
from personalization.events.plain_parts import says_nothing_twice
from personalization.events.standards import Standards
from personalization.events.validating import moment_of
from personalization.identifiers.kinds import Kinds

# As JSON is written: a NUL, and what an e-mail address could stand in: @, or % for %40.
NOT_USUAL: Final = (b"\\u0000", b"@", b"%")
# In a body without escapes nothing else can hide, and a backslash begins each of them.
NOT_PLAIN: Final = (b"\\", b"@", b"%")
NOTHING: Final = b"null"
AS_THEY_ARE: Final = (
    orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)

Id = Annotated[str, Meta(min_length=1, max_length=128)]
NamesNobody = Callable[[str], bool]


class Usual(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """The form of a usual event, as it is sent; its parts are read where they are looked at."""

    message_id: Annotated[str, Meta(min_length=1, max_length=100)]
    type: Annotated[str, Meta(max_length=64)]
    occurred_at: str | None = None
    anonymous_id: Id | None = None
    user_id: Id | None = None
    properties: Raw | UnsetType = UNSET
    context: Raw | UnsetType = UNSET

    @property
    def context_as_written(self) -> bytes:
        """The JSON of its context."""
        return _as_written(self.context)


class Batch(Struct, forbid_unknown_fields=True):
    """A body of usual events."""

    events: list[Usual]


_batches: Final = msgspec.json.Decoder(Batch)
_lists: Final = msgspec.json.Decoder(list[Usual])


def read_usual(body: bytes) -> list[Usual] | None:
    """Return the events of a JSON body all of whose events are of the usual form; else None."""
    if any(mark in body for mark in NOT_PLAIN):
        return None
    try:
        batch = _batches.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return batch.events if says_nothing_twice(body, batch) else None


def as_sent(raw: Any) -> Any:
    """Return the event as a dictionary, where it was read into the usual form.

    What stands twice in a part is StatedTwice. Raises ParseError on what is no JSON.
    """
    if not isinstance(raw, Usual):
        return raw
    parts = {"properties": _as_written(raw.properties), "context": _as_written(raw.context)}
    stated = {
        "message_id": raw.message_id,
        "type": raw.type,
        "occurred_at": raw.occurred_at,
        "anonymous_id": raw.anonymous_id,
        "user_id": raw.user_id,
        **{name: parse_json_of_parts(written) for name, written in parts.items()},
    }
    return {name: value for name, value in stated.items() if value is not None}


def usual_events(
    raws: Sequence[Any], *, standards: Standards, kinds: Kinds, now: datetime, source: str
) -> list[AcceptedEvent | None]:
    """Return the accepted event of each; None where it takes a closer look.

    Events that say the same share what they say, which nobody may change.
    """
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
        # What is no number would be written as nothing; halves of surrogate pairs cannot be.
        if any(float in map(type, raw.values()) for raw in raws):
            return None
        written = orjson.dumps(raws, option=AS_THEY_ARE)
        if any(mark in written for mark in NOT_USUAL):
            return None
        return _lists.decode(written)
    except (AttributeError, TypeError, msgspec.DecodeError):
        return None


def _as_written(part: Raw | UnsetType) -> bytes:
    return NOTHING if part is UNSET else bytes(part)


def _event(
    raw: Usual,
    standards: Standards,
    nobody: tuple[NamesNobody, NamesNobody],
    now: datetime,
    source: str,
) -> AcceptedEvent | None:
    said = standards.look(raw.type, _as_written(raw.properties), _as_written(raw.context))
    if said is None:
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
        said.properties,
        said.context,
        {},
        source,
    )


def _names_somebody(value: str, names_nobody: NamesNobody) -> bool:
    return value == value.strip() and not names_nobody(value)
