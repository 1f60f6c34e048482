"""How many profiles each of many rules matches, in one scan over the profiles."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.db.models import Count, Q

from personalization.profiles.models import Profile
from personalization.rules.parsing import Rule
from personalization.rules.querying import matching_profiles
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
    """Count profiles in all, by rule and by trait they have; one query per 1,500 of them."""
    wanted: dict[tuple[str, str], Any] = {
        **{("rule", key): _predicate(rule, now) for key, rule in rules.items()},
        **{("trait", name): Q(facts__traits__has_key=name) for name in traits},
    }
    total, found = 0, {}
    for batch in _batches(wanted):
        columns = {f"c{n}": Count("pk", filter=one) for n, one in enumerate(batch.values())}
        row = Profile.objects.aggregate(total=Count("pk"), **columns)
        total = row["total"]
        found.update({name: row[f"c{n}"] for n, name in enumerate(batch)})
    return Counts(total, _of("rule", found), _of("trait", found))


def _predicate(rule: Rule, now: datetime) -> Any:
    # What a queryset filters by is an expression, and so can count rows as well as choose them.
    return matching_profiles(rule, now=now, resolve=saved_rule, assume_visit=True).query.where


def _batches(wanted: Mapping[Any, Any]) -> Iterator[dict[Any, Any]]:
    left = iter(wanted.items())
    yield dict(islice(left, COLUMNS))
    while batch := dict(islice(left, COLUMNS)):
        yield batch


def _of(kind: str, found: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {name: number for (of_kind, name), number in found.items() if of_kind == kind}
