"""Learn what numbers usually are, from four weeks of stored events."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from personalization.events.models import OrdinaryValue
from personalization.events.outliers import is_number, ordinary_of
from personalization.events.sampling import Period, Sampled, sample, types_in
from personalization.events.standards import announce_after_commit

LEARNED_FROM: Final = timedelta(weeks=4)
SAMPLED: Final = 10_000
MOST_FIELDS: Final = 50
LONGEST_NAME: Final = 55  # a flag is `outlier:` and the name, in 64 characters


def learn_usual_values(*, now: datetime) -> int:
    """Write down what is usual for each numeric property of each type, and return how many."""
    period = Period(now - LEARNED_FROM, now)
    learned = [row for kind in types_in(period) for row in _learned(kind, period, now=now)]
    with transaction.atomic():
        OrdinaryValue.objects.all().delete()
        OrdinaryValue.objects.bulk_create(learned)
        announce_after_commit()
    return len(learned)


def _learned(kind: str, period: Period, *, now: datetime) -> Iterator[OrdinaryValue]:
    events = sample(type=kind, period=period, at_most=SAMPLED)
    for name in _numeric_names(events):
        values = [float(e.properties[name]) for e in events if is_number(e.properties.get(name))]
        usual = ordinary_of(values)
        if usual is not None:
            yield OrdinaryValue(
                type=kind,
                field=name,
                median=usual.median,
                spread=usual.spread,
                is_log=usual.is_log,
                values=len(values),
                learned_at=now,
            )


def _numeric_names(events: list[Sampled]) -> list[str]:
    names = {name for e in events for name, value in e.properties.items() if is_number(value)}
    return sorted(name for name in names if len(name) <= LONGEST_NAME)[:MOST_FIELDS]
