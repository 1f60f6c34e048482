"""Check everything that marketers have made, room by room.

`settings.LINTERS` lists who finds something, as dotted paths of functions that take `now` and
return findings: this room may not import those above it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from personalization.rules.calling import Names, called, names_among
from personalization.rules.parsing import Rule, RuleError
from personalization.rules.references import Resolve, among, inlined
from personalization.segments.counting import Counts, count_matches
from personalization.segments.limiting import TookTooLong, limited_time
from personalization.segments.linting import (
    SEVERITIES,
    SILENT_DAYS,
    Draft,
    Finding,
    Population,
    events_of,
    lint_segments,
    traits_of,
)
from personalization.segments.models import Segment
from personalization.segments.recognising import CHECKED, LISTS, unknown_among

SECONDS: Final = 20
# One probe of the index on type and time for each type, however many events there are.
SILENT: Final = """
SELECT type FROM unnest(%s::text[]) AS asked(type)
WHERE NOT EXISTS (SELECT FROM events_event AS e WHERE e.type = asked.type AND occurred_at >= %s)
"""


def check_everything(*, now: datetime) -> list[Finding]:
    """Return what all linters find, the worst first."""
    found = [one for path in settings.LINTERS for one in import_string(path)(now=now)]
    return sorted(found, key=lambda one: (SEVERITIES.index(one.severity), one.name, one.problem))


def check_segments(*, now: datetime) -> list[Finding]:
    """Return what is wrong with the segments as they are saved; a few queries for all of them."""
    segments = list(Segment.objects.all())
    definitions = {one.key: one.definition() for one in segments}
    resolve, names = among(definitions), names_among(definitions)
    drafts = [_draft(segment, resolve, names) for segment in segments]
    return lint_segments(drafts=drafts, population=_population(drafts, now))


def _draft(segment: Segment, resolve: Resolve, names: Names) -> Draft:
    try:
        rule = inlined(segment.parsed_rule, resolve=resolve, key=segment.key, names=names)
        return Draft(segment.pk, segment.key, segment.name, called(rule, names))
    except RuleError as error:
        return Draft(segment.pk, segment.key, segment.name, None, fault=str(error))


def _population(drafts: Sequence[Draft], now: datetime) -> Population:
    rules = {draft.key: draft.rule for draft in drafts if draft.rule is not None}
    silent = _silent({event for rule in rules.values() for event in events_of(rule)}, now)
    traits = {trait for rule in rules.values() for trait in traits_of(rule)}
    judged, lists = unknown_among(rules, CHECKED), unknown_among(rules, LISTS)
    counts = _counts(rules, traits, now)
    if counts is None:
        return Population(silent_events=silent, unknown=judged, unknown_lists=lists)
    missing = frozenset(name for name, having in counts.having.items() if not having)
    return Population(counts.total, counts.matched, silent, missing, judged, lists)


def _counts(rules: dict[str, Rule], traits: Collection[str], now: datetime) -> Counts | None:
    try:
        with limited_time(seconds=SECONDS):
            return count_matches(rules=rules, traits=traits, now=now)
    except TookTooLong:
        return None


def _silent(events: Collection[str], now: datetime) -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(SILENT, [sorted(events), now - timedelta(days=SILENT_DAYS)])
        return frozenset(event for (event,) in cursor.fetchall())
