"""Watched segments, compiled once per publication, and who of some visitors is in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from django.db import connection

from consent.checking import UNKNOWN
from personalization.activation.naming import named
from personalization.profiles.facts import Facts
from personalization.rules.compiling import Known
from personalization.rules.generating import RuleBook
from personalization.rules.parsing import Rule, RuleError
from personalization.rules.references import Resolve, among, inlined
from personalization.segments.models import Publication
from personalization.segments.publishing import document_of

# Asked once a batch: what is live, and of what it is known who was in it before.
WATCHED: Final = """
    SELECT
        (SELECT version FROM segments_publication ORDER BY version DESC LIMIT 1),
        (SELECT checksum FROM segments_publication ORDER BY version DESC LIMIT 1),
        ARRAY(
            SELECT s.key FROM activation_watchedsegment w JOIN segments_segment s
            ON s.id = w.segment_id WHERE w.counted_at IS NOT NULL ORDER BY s.key
        )
"""

# (segment key, profile)
Pair = tuple[str, int]


@dataclass(frozen=True, slots=True)
class WatchedRules:
    """What is live of the watched segments; a rule that takes a visit to decide is left out."""

    version: int
    keys: tuple[str, ...]
    book: RuleBook
    ask_for_consent: bool = False


def watched_rules() -> WatchedRules:
    """Return the watched segments as they are live now: one query, and no work if none is."""
    with connection.cursor() as cursor:
        cursor.execute(WATCHED)
        version, checksum, keys = cursor.fetchone()
    if version is None or not keys:
        return WatchedRules(version or 0, (), RuleBook({}))
    return _compiled(version, checksum, tuple(keys))


def members_among(
    facts_of: Mapping[int, Facts], *, rules: WatchedRules, now: datetime
) -> Iterator[Pair]:
    """Yield who of these profiles is in which watched segment at this moment.

    Raises redis.RedisError where a rule asks what somebody agreed to, and nobody can tell.
    """
    people = named(facts_of.keys()) if rules.ask_for_consent else {}
    for profile_id, facts in facts_of.items():
        choices = people[profile_id].choices if profile_id in people else UNKNOWN
        known = Known(facts=facts, context={}, now=now, profile_id=profile_id, choices=choices)
        for key in rules.book.matching(known):
            yield key, profile_id


# The checksum is asked for because a version alone does not say what is in it.
@lru_cache(maxsize=2)
def _compiled(version: int, checksum: str, keys: Sequence[str]) -> WatchedRules:
    segments = document_of(Publication.objects.get(version=version))["segments"]
    resolve = among(segments)
    rules = {key: rule for key in keys if (rule := _rule(key, resolve)) is not None}
    conditions = [one for rule in rules.values() for one in rule.conditions()]
    return WatchedRules(
        version,
        tuple(rules),
        RuleBook(rules),
        ask_for_consent=any(one.fact.kind == "consent" for one in conditions),
    )


def _rule(key: str, resolve: Resolve) -> Rule | None:
    try:
        rule = resolve(key)
        whole = None if rule is None else inlined(rule, resolve=resolve, key=key)
    except RuleError:
        # The recalculation says so in the admin.
        return None
    if whole is None or any(one.fact.is_context for one in whole.conditions()):
        return None
    return whole
