"""An event that passed the door, and how it travels through the stream."""

from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from msgspec import Struct, ValidationError, convert

from consent.subjects import Subject

PRICED: Final = frozenset({"purchase", "refund"})


def key_of(message_id: str) -> str:
    """Return the digest under which this message is stored once for ever: an UUID's 32 digits."""
    return blake2b(message_id.encode(), digest_size=16).hexdigest()


class NoEvent(Exception):
    """What waits in the stream is none of our events."""


# Read from JSON cannot hold itself, so that Python need not search it for circles.
class AcceptedEvent(Struct, frozen=True, array_like=True, gc=False):
    """A validated event. At least one of `anonymous_id` and `user_id` is not empty.

    `identifiers` are further pseudonyms by kind (email, phone, device, crm); in the clear they do
    not pass the door. `source` names the door; `flags` what looked odd but was kept; `sealed`
    holds direct identifiers encrypted, empty where none were stated.
    """

    message_id: str
    type: str
    occurred_at: datetime
    received_at: datetime
    anonymous_id: str
    user_id: str
    identifiers: dict[str, str]
    properties: dict[str, Any]
    context: dict[str, Any]
    traits: dict[str, Any]
    source: str = ""
    flags: list[str] = []
    sealed: bytes = b""

    @property
    def key(self) -> str:
        """The digest under which this message is stored once for ever: an UUID's 32 digits."""
        return key_of(self.message_id)

    @property
    def who(self) -> tuple[str, str]:
        """By what the visitor is known here: anonymous id and user id."""
        return self.anonymous_id, self.user_id

    @property
    def visitor(self) -> str:
        """What decides the shard, so that a visitor's events stay in order."""
        return self.anonymous_id or self.user_id

    @property
    def subject(self) -> Subject:
        """Who is asked for consent."""
        return Subject.of(anonymous_id=self.anonymous_id, user_id=self.user_id)

    @property
    def value(self) -> float | None:
        """Money: stated, or price times quantity; None where the event has none."""
        stated = self.properties.get("value")
        if stated is not None:
            return round(float(stated), 2)
        price = self.properties.get("price")
        if price is None or self.type not in PRICED:
            return None
        return round(float(price) * float(self.properties.get("quantity", 1)), 2)

    @classmethod
    def from_wire(cls, payload: Any) -> "AcceptedEvent":
        """Return the event that was appended to the stream; raises NoEvent."""
        try:
            # Not strict: before times were written as times they were epoch seconds.
            return convert(payload, cls, strict=False)
        except ValidationError as error:
            raise NoEvent(str(error)) from error
