"""Money in the shop's currency, at the rate that was in force when it was spent.

Rates are only ever added: what a day's rate was stays, so that the same events make the same sums
whenever they are added up.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from django.conf import settings

from personalization.events.models import ExchangeRate

NO_RATE: Final = "currency:no-rate"
# The money of an event of `events_event`, converted; NULL where there is no rate. It needs the
# parameter `currency`, which is the shop's.
IN_SHOP_MONEY: Final = """
    CASE WHEN coalesce(properties->>'currency', %(currency)s) = %(currency)s THEN value
    ELSE value * (
        SELECT rate FROM events_exchangerate
        WHERE currency = properties->>'currency'
        AND starts_on <= (occurred_at AT TIME ZONE 'UTC')::date
        ORDER BY starts_on DESC LIMIT 1
    ) END"""


@dataclass(frozen=True, slots=True)
class Rates:
    """What one unit of each currency was worth from which day on, oldest first."""

    by_currency: Mapping[str, Sequence[tuple[date, float]]] = field(default_factory=dict)

    def convert(self, value: float, *, currency: str, at: datetime) -> float | None:
        """Return the money in the shop's currency, which is meant where none is stated.

        None where no rate was in force.
        """
        if currency in ("", settings.CURRENCY):
            return value
        rates = self.by_currency.get(currency, ())
        place = bisect_right(rates, at.astimezone(UTC).date(), key=lambda rate: rate[0])
        return round(value * rates[place - 1][1], 2) if place else None


NO_RATES: Final = Rates()


def rates_of(currencies: Iterable[str]) -> Rates:
    """Return the rates of these currencies; asks the database where one is not the shop's."""
    foreign = {one for one in currencies if one and one != settings.CURRENCY}
    if not foreign:
        return NO_RATES
    return _read(ExchangeRate.objects.filter(currency__in=foreign))


def all_rates() -> Rates:
    """Return every rate there is."""
    return _read(ExchangeRate.objects.all())


def _read(rows: Iterable[ExchangeRate]) -> Rates:
    found: dict[str, list[tuple[date, float]]] = {}
    for row in sorted(rows, key=lambda row: row.starts_on):
        found.setdefault(row.currency, []).append((row.starts_on, float(row.rate)))
    return Rates(found)
