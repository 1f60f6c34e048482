"""Which facts the census keeps: those that segments read, the most read first."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from personalization.census.assigning import keep_facts
from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.tree import Fact
from personalization.segments.models import LiveEntry, Segment

# Live segments are counted every night and asked for most.
WEIGHT_LIVE: Final = 3
WEIGHT_SAVED: Final = 1


def keep_facts_of_segments() -> int:
    """Let the census keep what live and saved segments read; return how many facts are new."""
    read: Counter[Fact] = Counter()
    live = LiveEntry.objects.filter(section="segments", definition__isnull=False)
    for definition in live.values_list("definition", flat=True):
        _add(read, (definition or {}).get("rule"), WEIGHT_LIVE)
    for rule in Segment.objects.values_list("rule", flat=True):
        _add(read, rule, WEIGHT_SAVED)
    return keep_facts(_most_read_first(read))


def _add(read: Counter[Fact], raw: Any, weight: int) -> None:
    try:
        rule = parse_rule(raw)
    except RuleError:
        # A draft may be unfinished; what can be read of it is read once it is finished.
        return
    for fact in {one.fact for one in rule.conditions()}:
        read[fact] += weight


def _most_read_first(read: Counter[Fact]) -> list[Fact]:
    # Between equals the same one each time, or slots would change hands for nothing.
    ordered: Iterable[tuple[Fact, int]] = sorted(
        read.items(), key=lambda pair: (-pair[1], repr(pair[0]))
    )
    return [fact for fact, _ in ordered]
