"""Ask why a profile is in a segment or not, as it is saved and as it is live."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis

from consent.checking import CHOICES, Choices, read_choices
from consent.keyspaces import redis_connection
from personalization.profiles.facts import empty_facts
from personalization.profiles.models import Profile
from personalization.rules.calling import Names, names_among
from personalization.rules.compiling import Known, compile_rule
from personalization.rules.parsing import Rule, RuleError, parse_rule
from personalization.rules.references import Resolve, among, inlined
from personalization.rules.tracing import Trace, trace
from personalization.segments.calling import SavedNames
from personalization.segments.models import Segment, saved_rule
from personalization.segments.publishing import latest_publication

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """A rule of a segment, live or saved, with those of the segments it names in their place.

    Without a rule, `fault` says what is wrong with it. `names` are what segments are called there.
    """

    title: str
    rule: Rule | None
    names: Names
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Why, by one reading; `trace` is None where its rule cannot be read."""

    reading: Reading
    trace: Trace | None


def readings_of(segment: Segment) -> list[Reading]:
    """Return the live and the saved rule; one of them where they are the same."""
    latest = latest_publication()
    title, key = "As saved; not live yet", segment.key
    saved = _reading(title, segment.rule, key, resolve=saved_rule, names=SavedNames())
    live = latest.document["segments"].get(key) if latest else None
    if latest is None or live is None:
        return [saved]
    segments = latest.document["segments"]
    title, resolve, names = (
        f"Live, version {latest.version}",
        among(segments),
        names_among(segments),
    )
    found = _reading(title, live["rule"], key, resolve=resolve, names=names)
    # Compared with what they name: a segment also differs where one it names does.
    is_same = live["rule"] == segment.rule and found.rule == saved.rule
    return [found] if is_same else [found, saved]


def visit_names(readings: Sequence[Reading]) -> tuple[str, ...]:
    """Return the parts of a visit's context that these rules read, each once."""
    conditions = [one for reading in readings if reading.rule for one in reading.rule.conditions()]
    return tuple(dict.fromkeys(one.fact.name for one in conditions if one.fact.is_context))


def ask_why(
    *, readings: Sequence[Reading], profile: Profile, context: Mapping[str, Any], now: datetime
) -> list[Answer]:
    """Return why the profile is or is not in the segment, by each reading."""
    known = known_of(profile, context=context, now=now)
    return [Answer(one, _trace(one, known)) for one in readings]


def known_of(profile: Profile, *, context: Mapping[str, Any], now: datetime) -> Known:
    """Return what is known of a profile; its choices are left open while Redis is away."""
    return Known(
        facts={**empty_facts(), **profile.facts},
        context=context,
        now=now,
        profile_id=profile.pk,
        choices=_choices(profile),
    )


def _choices(profile: Profile) -> Choices | None:
    keys = [CHOICES.key(one) for one in profile.identifiers.values_list("pseudonym", flat=True)]
    try:
        return read_choices(redis_connection().mget(keys) if keys else [])
    except redis.RedisError as error:
        logger.warning("Choices cannot be read now: %s", error)
        return None


def _reading(title: str, raw: Any, key: str, *, resolve: Resolve, names: Names) -> Reading:
    try:
        rule = inlined(parse_rule(raw), resolve=resolve, key=key, names=names)
    except RuleError as error:
        return Reading(title, None, names, fault=str(error))
    return Reading(title, rule, names)


def _trace(reading: Reading, known: Known) -> Trace | None:
    if reading.rule is None:
        return None
    return trace(compile_rule(reading.rule, names=reading.names), known)
