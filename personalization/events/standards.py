"""What every process holds events against: schemas, spellings, usual values, and the policy.

PostgreSQL is the truth. Redis holds all of it as one document under its digest, and each process
asks once a second whether the digest has changed, so a change counts everywhere within two seconds
and no event costs a query.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import Any, Final

import orjson
import redis
from django.db import Error, connection, transaction

from consent.keyspaces import Keyspace, patient_redis_connection, redis_connection
from personalization.events.models import EventMapping, EventSchema, IntakePolicy, OrdinaryValue
from personalization.events.normalising import Spellings
from personalization.events.outliers import Ordinary
from personalization.events.schema_checking import Check, compile_schema
from personalization.events.shapes import Said, Shape, shape_of

logger = logging.getLogger(__name__)

STANDARDS: Final = Keyspace("standards", personal=False, purpose="What events are held against")
ASK_EVERY_SECONDS: Final = 1.0
# A process that learned of the digest before still finds its document this long.
SUPERSEDED_SECONDS: Final = 3_600
SHAPES: Final = 1_000
REMEMBERED: Final = 20_000
LONGEST_REMEMBERED: Final = 512
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('events_standards'))"

Document = dict[str, Any]


@dataclass(frozen=True)
class Standards:
    """One state of the standards, compiled; `checks` and `usual` by event type."""

    digest: str = ""
    accepts_unknown: bool = True
    checks: Mapping[str, Check] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    spellings: Spellings = field(default_factory=Spellings)
    usual: Mapping[str, Mapping[str, Ordinary]] = field(default_factory=dict)

    def look(self, type: str, properties: bytes, context: bytes) -> Said | None:
        """Return what the parts of an event of this type say; None where they take a closer look.

        They are JSON in which no colon is escaped.
        """
        if len(properties) + len(context) > LONGEST_REMEMBERED:
            return self._look(type, properties, context)
        return self._remembered(type, properties, context)

    @cached_property
    def _remembered(self) -> Callable[[str, bytes, bytes], Said | None]:
        # A shop's visitors do the same again and again: look at the same pages and items.
        return lru_cache(maxsize=REMEMBERED)(self._look)

    def _look(self, type: str, properties: bytes, context: bytes) -> Said | None:
        said = Said.read(properties, context)
        if said is None:
            return None
        shape = self.shape(type, tuple(said.properties), tuple(said.context))
        return said if shape is not None and shape.has_nothing_to_say(said) else None

    @cached_property
    def shape(self) -> Callable[[str, tuple[str, ...], tuple[str, ...]], Shape | None]:
        """What events of a type with these properties and this context have in common."""
        # A shop's events have few sets of fields, and each is looked at once.
        return lru_cache(maxsize=SHAPES)(self._shape)

    def _shape(
        self, type: str, properties: tuple[str, ...], context: tuple[str, ...]
    ) -> Shape | None:
        check = self.checks.get(type)
        if check is None and not self.accepts_unknown:
            return None
        return shape_of(
            type,
            properties,
            context,
            spellings=self.spellings,
            check=check,
            usual=self.usual.get(type, {}),
        )


@dataclass(slots=True)
class Held:
    """What this process knows, and when it asks again."""

    standards: Standards = field(default_factory=Standards)
    ask_at: float = float("-inf")


_held = Held()
_loading = threading.Lock()


def standards_in_force() -> Standards:
    """Return what is in force; what was known last while neither store can say."""
    if time.monotonic() >= _held.ask_at and _loading.acquire(blocking=False):
        try:
            _held.ask_at = time.monotonic() + ASK_EVERY_SECONDS
            _held.standards = _latest(_held.standards)
        finally:
            _loading.release()
    return _held.standards


def standards_now() -> Standards:
    """Return what is in force at this moment, for work that follows a change."""
    _held.ask_at = float("-inf")
    return standards_in_force()


def forget() -> None:
    """Let the next call ask, as a new process would."""
    _held.standards, _held.ask_at = Standards(), float("-inf")


def announce_after_commit() -> None:
    """Put what is being saved into force in every process once it is committed."""
    # Robust: it is saved all the same; the regular announcement makes up for a Redis that is away.
    transaction.on_commit(partial(announce), robust=True)


def announce() -> tuple[str, bytes]:
    """Tell Redis what PostgreSQL says is in force, and return it under its digest.

    Runs after every change, and regularly, for a Redis that was away or lost its memory.
    """
    # Under the lock, so that of two announcements the later one stays.
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK)
        digest, packed = _packed(_document())
        _tell(digest, packed)
    return digest, packed


def _latest(known: Standards) -> Standards:
    try:
        digest = _told_digest()
        if digest is not None and digest == known.digest:
            return known
        return _read(digest)
    except (redis.RedisError, Error) as error:
        logger.warning("What events are held against cannot be read now: %s", error)
        return known


def _told_digest() -> str | None:
    raw = redis_connection().get(STANDARDS.key("digest"))
    return None if raw is None else raw.decode()


def _read(digest: str | None) -> Standards:
    raw = redis_connection().get(STANDARDS.key(f"document:{digest}")) if digest else None
    if raw is None:  # Redis lost its memory, or never knew: it is told on the way
        digest, raw = announce()
    return compile_standards(str(digest), orjson.loads(raw))


def compile_standards(digest: str, document: Document) -> Standards:
    """Return the document as something that checks at once; raises SchemaRefused."""
    spelled = document["spellings"]
    return Standards(
        digest=digest,
        accepts_unknown=document["accepts_unknown"],
        checks={kind: compile_schema(schema) for kind, (_, schema) in document["schemas"].items()},
        versions={kind: version for kind, (version, _) in document["schemas"].items()},
        spellings=Spellings(
            items=spelled["item"],
            categories=_folded(spelled["category"]),
            countries=_folded(spelled["country"]),
        ),
        usual={
            kind: {name: Ordinary(*numbers) for name, numbers in fields.items()}
            for kind, fields in document["usual"].items()
        },
    )


def _document() -> Document:
    active = EventSchema.objects.filter(is_active=True).values_list("type", "version", "schema")
    policy = IntakePolicy.objects.first() or IntakePolicy()
    document: Document = {
        "accepts_unknown": policy.unknown_types == IntakePolicy.Unknown.ACCEPT,
        "schemas": {kind: [version, schema] for kind, version, schema in active},
        "spellings": {str(kind): {} for kind in EventMapping.Kind},
        "usual": {},
    }
    for kind, stated, meant in EventMapping.objects.values_list("kind", "stated", "meant"):
        document["spellings"][kind][stated] = meant
    learned = OrdinaryValue.objects.values_list("type", "field", "median", "spread", "is_log")
    for kind, name, *usual in learned:
        document["usual"].setdefault(kind, {})[name] = usual
    return document


def _packed(document: Document) -> tuple[str, bytes]:
    packed = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(packed, digest_size=16).hexdigest(), packed


def _tell(digest: str, packed: bytes) -> None:
    client = patient_redis_connection()
    before = client.get(STANDARDS.key("digest"))
    pipeline = client.pipeline(transaction=True)
    pipeline.set(STANDARDS.key(f"document:{digest}"), packed)
    pipeline.set(STANDARDS.key("digest"), digest)
    if before is not None and before.decode() != digest:
        pipeline.expire(STANDARDS.key(f"document:{before.decode()}"), SUPERSEDED_SECONDS)
    pipeline.execute()


def _folded(spellings: Mapping[str, str]) -> dict[str, str]:
    return {stated.casefold(): meant for stated, meant in spellings.items()}
