"""What was buried: looked at, put back among the waiting once, or thrown away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from consent.keyspaces import patient_redis_connection
from personalization.streams.stream import DEAD_EVENTS, EVENTS, Payload, by_shard, packed

PAGE: Final = 500
# In one step, so that two who press the button at once do not put an entry back twice.
REVIVE: Final = """
    if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
    for i = 2, #KEYS do redis.call('XADD', KEYS[i], '*', 'e', ARGV[i]) end
    return 1
"""


@dataclass(frozen=True, slots=True)
class Buried:
    """What was buried together, when, and why."""

    id: str
    reason: str
    payloads: list[Payload]

    @property
    def buried_at(self) -> datetime:
        """When it was found that it cannot be stored."""
        return datetime.fromtimestamp(int(self.id.partition("-")[0]) / 1000, UTC)


def buried_count() -> int:
    """Return how many entries are buried."""
    return int(patient_redis_connection().xlen(DEAD_EVENTS))


def buried(*, after: str = "") -> Iterator[Buried]:
    """Yield what is buried, oldest first, from behind this id on."""
    last = f"({after}" if after else "-"
    while page := patient_redis_connection().xrange(DEAD_EVENTS, min=last, count=PAGE):
        for entry_id, fields in page:
            yield _buried(entry_id, fields)
        last = f"({page[-1][0].decode()}"


def find_buried(entry_id: str) -> Buried | None:
    """Return one entry; None: it was put back or thrown away."""
    found = patient_redis_connection().xrange(DEAD_EVENTS, min=entry_id, max=entry_id)
    return _buried(*found[0]) if found else None


def revive(entry_id: str, *, keyed: Sequence[tuple[str, Payload]]) -> bool:
    """Put an entry back into the shards of its visitors; False where somebody did before.

    keyed: its payloads, each with its visitor.
    """
    revived = by_shard(keyed)
    keys = [DEAD_EVENTS, *(EVENTS.key(shard) for shard in revived)]
    values = [entry_id, *(packed(payloads) for payloads in revived.values())]
    return bool(patient_redis_connection().eval(REVIVE, len(keys), *keys, *values))


def throw_away(entry_id: str) -> bool:
    """Delete an entry; False where it was gone."""
    return bool(patient_redis_connection().xdel(DEAD_EVENTS, entry_id))


def _buried(entry_id: bytes, fields: dict[bytes, bytes]) -> Buried:
    reason = fields.get(b"error", b"").decode(errors="replace")
    return Buried(entry_id.decode(), reason, msgspec.msgpack.decode(fields[b"e"]))
