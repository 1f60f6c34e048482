"""The door to where accepted events wait, in order per visitor, until a consumer has stored them.

Redis Streams stand behind it: one stream per shard, a few events packed into each entry.
"""

import logging
import zlib
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import redis
from django.conf import settings

from consent.keyspaces import Keyspace, patient_redis_connection, redis_connection

logger = logging.getLogger(__name__)

EVENTS: Final = Keyspace("events", personal=True, purpose="Accepted events that wait to be stored")
DEAD: Final = Keyspace("dead", personal=True, purpose="Events that could not be stored, with why")
GROUP: Final = "store"
DEAD_EVENTS: Final = DEAD.key("events")
LONGEST_REASON: Final = 300
EVENTS_PER_ENTRY: Final = 200
# All or nothing, in one command: several in a transaction cost the client twice as much.
APPEND: Final = """
    local appended = #ARGV - 1
    local asked = #KEYS - appended
    local held = {}
    for first = 1, asked, 1000 do
        local keys = {unpack(KEYS, first, math.min(first + 999, asked))}
        for _, value in ipairs(redis.call('MGET', unpack(keys))) do
            held[#held + 1] = value or ''
        end
    end
    if table.concat(held, '\\n') ~= ARGV[1] then return 0 end
    for i = 1, appended do redis.call('XADD', KEYS[asked + i], '*', 'e', ARGV[1 + i]) end
    return 1
"""

Payload = Any  # anything that msgpack can write; what was a struct is a list when it is read
NOTHING: Final[Mapping[str, bytes]] = {}
Raw = tuple[bytes, bytes, dict[bytes, bytes]]  # stream, entry id, fields


class StreamUnavailable(Exception):
    """The stream cannot take events now; nothing was accepted, so they may be sent again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was appended together: `payloads` in the order of their arrival."""

    shard: int
    id: bytes
    payloads: list[Payload]


def append(
    keyed: Iterable[tuple[str, Payload]],
    *,
    while_held: Mapping[str, bytes] = NOTHING,
    patient: bool = False,
) -> bool:
    """Append (visitor, payload) pairs; on return they are safe. Raises StreamUnavailable.

    `while_held`: what Redis keys must hold at that moment, a line of text each, b"" for nothing;
    where one does not, nothing is appended and False returned. `patient`: wait as long as an
    import may, rather than as long as a page may.
    """
    keys: list[str] = []
    packs: list[bytes] = []
    for shard, payloads in by_shard(keyed).items():
        for start in range(0, len(payloads), EVENTS_PER_ENTRY):
            keys.append(EVENTS.key(shard))
            packs.append(packed(payloads[start : start + EVENTS_PER_ENTRY]))
    if not (packs or while_held):
        return True
    connection = patient_redis_connection() if patient else redis_connection()
    try:
        held = b"\n".join(while_held.values())
        asked = len(while_held) + len(keys)
        done = connection.eval(APPEND, asked, *while_held, *keys, held, *packs)
    except redis.RedisError as error:
        raise StreamUnavailable("Events cannot be taken now. Send them again later.") from error
    return bool(done)


def by_shard(keyed: Iterable[tuple[str, Payload]]) -> dict[int, list[Payload]]:
    """Return payloads by the shard in which all of their visitor's wait, in their order."""
    found = defaultdict[int, list[Payload]](list)
    shards = settings.EVENT_SHARDS
    for visitor, payload in keyed:
        found[zlib.crc32(visitor.encode()) % shards].append(payload)
    return found


def packed(payloads: list[Payload]) -> bytes:
    """Return payloads as they wait together."""
    return msgspec.msgpack.encode(payloads, enc_hook=_as_text)


def _as_text(value: Any) -> str:
    """Return a text that is more than one, such as what templates hold to be safe."""
    if isinstance(value, str):
        return str.__str__(value)
    raise NotImplementedError


class Reader:
    """Reads the shards one consumer holds; what it read before it died comes first again."""

    def __init__(self, shards: Sequence[int]) -> None:
        """Raises redis.RedisError when the streams cannot be reached."""
        self._connection = patient_redis_connection()
        self._ids = {EVENTS.key(shard): "0" for shard in shards}
        self._fetched: deque[Raw] = deque()
        for key in self._ids:
            _ensure_group(key)

    def read(self, *, events: int, entries: int, wait_ms: int) -> list[Entry]:
        """Return the next entries, no more of them than make up `events` events.

        Fetches up to `entries` entries a shard at once, and waits at most `wait_ms` for new ones.
        """
        if not self._fetched:
            self._fetched.extend(self._fetch(entries=entries, wait_ms=wait_ms))
        found: list[Entry] = []
        held = 0
        # Unpacked no sooner than it is its turn: what was fetched may be twenty times as much.
        while self._fetched and held < events:
            entry = _entry(*self._fetched.popleft())
            found.append(entry)
            held += len(entry.payloads)
        return found

    def _fetch(self, *, entries: int, wait_ms: int) -> list[Raw]:
        while True:
            is_caught_up = self._is_caught_up()
            reply = self._connection.xreadgroup(
                GROUP, "shard", self._ids, count=entries, block=wait_ms if is_caught_up else None
            )
            self._advance({key.decode(): raws for key, raws in reply or []})
            found = [(key, *raw) for key, raws in reply or [] for raw in raws]
            if found or is_caught_up:
                return found

    def acknowledge(self, entries: Sequence[Entry]) -> None:
        """Forget entries that are stored."""
        pipeline = self._connection.pipeline(transaction=True)
        for shard, ids in _ids_by_shard(entries).items():
            pipeline.xack(EVENTS.key(shard), GROUP, *ids)
            pipeline.xdel(EVENTS.key(shard), *ids)
        pipeline.execute()

    def _is_caught_up(self) -> bool:
        return all(position == ">" for position in self._ids.values())

    def _advance(self, replies: dict[str, list[Any]]) -> None:
        for key, position in self._ids.items():
            if position == ">":
                continue
            raws = replies.get(key)
            self._ids[key] = raws[-1][0].decode() if raws else ">"


def bury(entry: Entry, *, error: Exception) -> None:
    """Keep what cannot be stored aside, with the reason, so that the rest goes on."""
    reason = reason_of(error)
    logger.error("%d events cannot be stored: %s", len(entry.payloads), reason)
    patient_redis_connection().xadd(DEAD_EVENTS, {"e": packed(entry.payloads), "error": reason})


def reason_of(error: Exception) -> str:
    """Return why something could not be stored, without what could not."""
    # PostgreSQL quotes the row from the second line on, and a row is somebody's.
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:LONGEST_REASON]


def backlog() -> int:
    """Return the number of entries that wait to be stored."""
    connection = patient_redis_connection()
    return sum(connection.xlen(EVENTS.key(shard)) for shard in range(settings.EVENT_SHARDS))


def waiting() -> Iterator[tuple[str, bytes, list[Payload]]]:
    """Yield (stream, entry id, payloads) of all that waits or was buried."""
    connection = patient_redis_connection()
    streams = [EVENTS.key(shard) for shard in range(settings.EVENT_SHARDS)] + [DEAD_EVENTS]
    for stream in streams:
        last = "-"
        while page := connection.xrange(stream, min=last, count=500):
            for entry_id, fields in page:
                yield stream, entry_id, msgspec.msgpack.decode(fields[b"e"])
            last = f"({page[-1][0].decode()}"


def remove(stream: str, entry_id: bytes) -> None:
    """Drop one waiting entry."""
    patient_redis_connection().xdel(stream, entry_id)


def _ensure_group(key: str) -> None:
    try:
        patient_redis_connection().xgroup_create(key, GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def _entry(key: bytes, entry_id: bytes, fields: dict[bytes, bytes]) -> Entry:
    shard = int(key.rsplit(b":", 1)[1])
    # An entry erased while it waited comes back from the pending list without its fields.
    return Entry(shard, entry_id, msgspec.msgpack.decode(fields[b"e"]) if fields else [])


def _ids_by_shard(entries: Sequence[Entry]) -> dict[int, list[bytes]]:
    ids: dict[int, list[bytes]] = defaultdict(list)
    for entry in entries:
        ids[entry.shard].append(entry.id)
    return ids
