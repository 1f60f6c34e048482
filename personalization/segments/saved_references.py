"""Which segments are built on which others, or name their lists."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.references import MEMBERSHIP
from personalization.segments.models import LiveEntry, MemberList, Segment
from personalization.segments.refusing import lists_in

SAID: Final = "Segment “{name}”, which is built on “{base}”: change it first."
LIVE_ON: Final = "The live segment “{name}” is built on “{base}”: take it offline first."
LISTED: Final = "Segment “{name}”, which names a list of “{base}”: change it first."
LIVE_LISTED: Final = "The live segment “{name}” names a list of “{base}”: take it offline first."


def named_by_others(segments: Iterable[Segment]) -> list[str]:
    """Say which other saved segments name one of these, a sentence for each pair; one query."""
    bases = {segment.key: segment for segment in segments}
    chosen = {segment.pk for segment in bases.values()}
    return [
        SAID.format(name=other.name, base=bases[key].name)
        for other in _mentioning(bases).exclude(pk__in=chosen)
        for key in sorted(_named(other) & bases.keys())
    ]


def lists_named_by_others(segments: Collection[Segment]) -> Iterator[str]:
    """Yield which other segments name a list of one of these, as saved or as live, in sentences."""
    names = {segment.pk: segment.name for segment in segments}
    lists = MemberList.objects.filter(segment__in=names).values_list("key", "segment_id")
    bases = {key: names[segment_id] for key, segment_id in lists}
    if not bases:
        return
    for other in _mentioning(bases).exclude(pk__in=names):
        for base in _owners(other.rule, bases):
            yield LISTED.format(name=other.name, base=base)
    keys = [segment.key for segment in segments]
    live = LiveEntry.objects.filter(section="segments", definition__isnull=False)
    mention = live.annotate(text=Cast("definition", TextField())).exclude(key__in=keys)
    for entry in mention.filter(_containing(bases)).order_by("key"):
        definition = entry.definition or {}
        for base in _owners(definition["rule"], bases):
            yield LIVE_LISTED.format(name=definition["name"], base=base)


def live_on(segment: Segment) -> list[str]:
    """Say which live segments name this one as they are live, a sentence for each; one query."""
    live = LiveEntry.objects.filter(section="segments").exclude(key=segment.key)
    mention = live.annotate(text=Cast("definition", TextField()))
    found = mention.filter(definition__isnull=False, text__contains=f'"{segment.key}"')
    rules = [one or {} for one in found.order_by("key").values_list("definition", flat=True)]
    return [
        LIVE_ON.format(name=one["name"], base=segment.name)
        for one in rules
        if segment.key in _keys_in(one["rule"])
    ]


def _mentioning(keys: Iterable[str]) -> Any:
    return Segment.objects.annotate(text=Cast("rule", TextField())).filter(_containing(keys))


def _containing(keys: Iterable[str]) -> Q:
    return reduce(or_, (Q(text__contains=f'"{key}"') for key in keys), Q(pk__in=()))


def _owners(rule: Any, bases: Mapping[str, str]) -> list[str]:
    try:
        return sorted({bases[key] for key in lists_in(rule) & bases.keys()})
    except RuleError:
        return []  # a draft that cannot be read names nobody


def _named(segment: Segment) -> set[str]:
    return _keys_in(segment.rule)


def _keys_in(raw: Any) -> set[str]:
    try:
        conditions = parse_rule(raw).conditions()
    except RuleError:
        return set()  # a draft that cannot be read names nobody
    return {str(one.value) for one in conditions if one.operator in MEMBERSHIP}
