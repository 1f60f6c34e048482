"""What is live, compiled once per version and held by each process."""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import connections

from personalization.content.sanitising import sanitise
from personalization.rules.calling import Names, names_among
from personalization.rules.compiling import CompiledRule, compile_rule
from personalization.rules.parsing import parse_rule
from personalization.rules.references import Resolve, among, named_in
from personalization.segments.publishing import (
    Document,
    Pause,
    Pieces,
    current_document,
    without_pause,
)

logger = logging.getLogger(__name__)

# After a version could not be had, the process waits this long before it asks again.
RETRY_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 0.0002


@dataclass(frozen=True, slots=True)
class CompiledSegment:
    """A live segment; `definitions` are its own and those of the segments it names."""

    key: str
    name: str
    rule: CompiledRule
    definitions: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def is_as_in(self, defined: Mapping[str, Any]) -> bool:
        """Whether these definitions say of it what it was compiled from."""
        return all(defined.get(key) == raw for key, raw in self.definitions.items())


@dataclass(frozen=True, slots=True)
class CompiledVariation:
    """A live variation; `content` has the fields of its kind."""

    key: str
    name: str
    weight: int
    kind: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CompiledActivity:
    """A live activity; without a rule it is for everyone."""

    key: str
    name: str
    placement: str
    segment_key: str | None
    segment_name: str | None
    rule: CompiledRule | None
    starts_at: datetime | None
    ends_at: datetime | None
    priority: int
    variations: tuple[CompiledVariation, ...]
    definition: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def asks_for(self) -> frozenset[str]:
        """The traits its questions fill."""
        return frozenset(one.content["trait"] for one in self.variations if one.kind == "question")

    def is_on(self, now: datetime) -> bool:
        """Whether its schedule includes this moment; the end itself is no longer included."""
        has_started = self.starts_at is None or self.starts_at <= now
        return has_started and (self.ends_at is None or now < self.ends_at)


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Everything visitors can meet, under one version; `placements` maps key to name.

    Of the segments, those that activities are for: no others are asked.
    """

    version: int
    activities_by_placement: Mapping[str, tuple[CompiledActivity, ...]] = field(
        default_factory=dict
    )
    segments: Mapping[str, CompiledSegment] = field(default_factory=dict)
    placements: Mapping[str, str] = field(default_factory=dict)

    def activities_for(self, placement: str) -> tuple[CompiledActivity, ...]:
        """Return the activities of a placement, scheduled or running, the first to win first."""
        return self.activities_by_placement.get(placement, ())


EMPTY: Final = Ruleset(version=0)


def let_others_go_first() -> None:
    """Give the interpreter to requests; whoever only computes would keep it for 5 ms each time."""
    time.sleep(PAUSE_SECONDS)


def compile_ruleset(
    version: int, document: Document, *, held: Ruleset = EMPTY, pause: Pause = without_pause
) -> Ruleset:
    """Return the document as something that answers at once.

    What has not changed is taken over from the `held` one. `pause` is called after each thing that
    was compiled. Raises RuleError, KeyError or ValueError where the document is broken.
    """
    segments = _segments(document, held, pause)
    before = {one.key: one for group in held.activities_by_placement.values() for one in group}
    activities = []
    for key, raw in document.get("activities", {}).items():
        activity = before.get(key)
        if activity is None or not _is_same(activity, raw, segments):
            activity = compile_activity(key, raw, segments=segments)
            pause()
        activities.append(activity)
    return Ruleset(
        version=version,
        activities_by_placement=_by_placement(activities),
        segments=segments,
        placements={key: raw["name"] for key, raw in document.get("placements", {}).items()},
    )


def compile_activity(
    key: str, raw: Mapping[str, Any], *, segments: Mapping[str, CompiledSegment]
) -> CompiledActivity:
    """Return one activity; raises KeyError where its segment or a field is missing."""
    segment = segments[raw["segment"]] if raw["segment"] else None
    return CompiledActivity(
        key=key,
        name=raw["name"],
        placement=raw["placement"],
        segment_key=segment.key if segment else None,
        segment_name=segment.name if segment else None,
        rule=segment.rule if segment else None,
        starts_at=_moment(raw["starts_at"]),
        ends_at=_moment(raw["ends_at"]),
        priority=raw["priority"],
        variations=tuple(compile_variation(one) for one in raw["variations"]),
        definition=raw,
    )


def compile_variation(raw: Mapping[str, Any]) -> CompiledVariation:
    """Return one variation, its HTML sanitised whatever the document says."""
    content = dict(raw["content"])
    if "html" in content:
        content["html"] = sanitise(content["html"])
    return CompiledVariation(raw["key"], raw["name"], raw["weight"], raw["kind"], content)


def ruleset_for(version: int | None) -> Ruleset:
    """Return this process's ruleset, brought up to `version` first; never raises.

    None (nobody could tell the version) keeps what is held. The next one is made ready beside the
    requests, which go on with the one before; only the first is waited for. What cannot be loaded
    leaves the held ruleset in place, and is logged.
    """
    held = _HOLDER.held
    if held is not None and version in (held.version, None):
        return held
    return _HOLDER.refresh(version)


def forget_ruleset() -> None:
    """Let this process load its ruleset anew."""
    _HOLDER.forget()


class _Holder:
    """The ruleset of this process, swapped whole, so that nobody sees half of one."""

    def __init__(self) -> None:
        self.held: Ruleset | None = None
        self._pieces: Pieces = {}
        self._wait_until = 0.0
        self._lock = threading.Lock()
        self._loading: threading.Thread | None = None

    def refresh(self, version: int | None) -> Ruleset:
        """Bring in what is live: beside the requests, once there is something to answer with."""
        if self.held is None:
            with self._lock:
                if self._is_due(version):
                    self._load(version, pause=without_pause)
        elif self._is_due(version):
            self._load_beside(version).join(settings.RULESET_PATIENCE)
        return self.held or EMPTY

    def forget(self) -> None:
        """Hold nothing."""
        self.held, self._pieces, self._wait_until = None, {}, 0.0

    def _is_due(self, version: int | None) -> bool:
        # Another thread may have loaded it while this one waited for the lock.
        is_current = self.held is not None and version in (self.held.version, None)
        return not is_current and time.monotonic() >= self._wait_until

    def _load_beside(self, version: int | None) -> threading.Thread:
        """Return the thread that loads, of which there is one at a time."""
        with self._lock:
            if self._loading is None or not self._loading.is_alive():
                self._loading = threading.Thread(
                    target=self._load_and_leave, args=(version,), name="ruleset", daemon=True
                )
                self._loading.start()
            return self._loading

    def _load_and_leave(self, version: int | None) -> None:
        try:
            self._load(version, pause=let_others_go_first)
        finally:
            # A thread that ends must leave no connection behind.
            connections.close_all()

    def _load(self, version: int | None, *, pause: Pause) -> None:
        try:
            number, document = current_document(held=self._pieces, pause=pause)
            self.held = compile_ruleset(number, document, held=self.held or EMPTY, pause=pause)
        except Exception:
            logger.exception("Ruleset %s cannot be loaded; the one before stays.", version)
        if self.held is None or self.held.version != version:
            self._wait_until = time.monotonic() + RETRY_SECONDS


_HOLDER: Final = _Holder()


def _segments(document: Document, held: Ruleset, pause: Pause) -> dict[str, CompiledSegment]:
    defined = document.get("segments", {})
    used = (raw["segment"] for raw in document.get("activities", {}).values() if raw["segment"])
    resolve, names = among(defined), names_among(defined)
    segments = {}
    for key in dict.fromkeys(used):
        segment = held.segments.get(key)
        if segment is None or not segment.is_as_in(defined):
            segment = _compile_segment(key, defined, resolve, names)
            pause()
        segments[key] = segment
    return segments


def _compile_segment(
    key: str, defined: Mapping[str, Any], resolve: Resolve, names: Names
) -> CompiledSegment:
    raw = defined[key]
    rule = compile_rule(parse_rule(raw["rule"]), resolve=resolve, names=names).made_ready()
    definitions = {one: defined[one] for one in (key, *named_in(rule.rule))}
    return CompiledSegment(key, raw["name"], rule, definitions)


def _is_same(
    activity: CompiledActivity, raw: Mapping[str, Any], segments: Mapping[str, CompiledSegment]
) -> bool:
    segment = segments.get(raw["segment"]) if raw["segment"] else None
    return activity.definition == raw and activity.rule is (segment.rule if segment else None)


def _by_placement(
    activities: Sequence[CompiledActivity],
) -> dict[str, tuple[CompiledActivity, ...]]:
    found: dict[str, tuple[CompiledActivity, ...]] = {}
    for activity in sorted(activities, key=lambda one: (-one.priority, one.key)):
        found[activity.placement] = (*found.get(activity.placement, ()), activity)
    return found


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
