"""How many profiles each of many rules matches, in one scan."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.db.models import Count, Q

from personalization.census.counting import count_rules
from personalization.profiles.models import Profile
from personalization.rules.parsing import Rule
from personalization.rules.references import inlined
from personalization.segments.models import saved_rule

# PostgreSQL answers at most 1,664 columns.
COLUMNS: Final = 1_500


@dataclass(frozen=True, slots=True)
class Counts:
    """`matched` by key: at most so many where a rule reads the visit; `having` by trait."""

    total: int
    matched: Mapping[str, int]
    having: Mapping[str, int]


def count_matches(
    *, rules: Mapping[str, Rule], traits: Collection[str] = (), now: datetime
) -> Counts:
    """Count profiles in all, by rule and by trait they have."""
    whole = {key: inlined(rule, resolve=saved_rule) for key, rule in rules.items()}
    counted = count_rules(rules=whole, now=now)
    return Counts(counted.total, counted.matched, _having(traits))


def _having(traits: Collection[str]) -> dict[str, int]:
    having: dict[str, int] = {}
    left = iter(traits)
    while batch := list(islice(left, COLUMNS)):
        columns: dict[str, Any] = {
            f"c{n}": Count("pk", filter=Q(facts__traits__has_key=name))
            for n, name in enumerate(batch)
        }
        row = Profile.objects.aggregate(**columns)
        having |= {name: row[f"c{n}"] for n, name in enumerate(batch)}
    return having
