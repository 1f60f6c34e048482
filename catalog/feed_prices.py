"""What one feed line says an item costs: normally, and while a sale lasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

MOST_EXPENSIVE: Final = Decimal("9999999999.99")


class RowError(ValueError):
    """A line that cannot become an item: which field, and what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field} {message}")
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Sale:
    """What an item costs from `starts_at` until before `ends_at`; None is no price, or no limit."""

    price: Decimal | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


NO_SALE: Final = Sale()


def stated_price(stated: Mapping[str, Any], field: str) -> Decimal:
    """Return the price that the field states; raises RowError."""
    value = stated.get(field)
    if value is None or value == "":
        raise RowError(field, "is missing")
    price = _number(value)
    if price is None or not price.is_finite():
        raise RowError(field, "must be a number such as 12.50")
    if price < 0:
        raise RowError(field, "must not be negative")
    if price > MOST_EXPENSIVE:
        raise RowError(field, f"must not be above {MOST_EXPENSIVE}")
    if price != round(price, 2):
        raise RowError(field, "must have at most two decimals")
    return round(price, 2)


def stated_sale(stated: Mapping[str, Any], *, price: Decimal) -> Sale:
    """Return the sale that a feed line states; dates without a sale price are of no sale."""
    if stated.get("sale_price") in (None, ""):
        return NO_SALE
    sale_price = stated_price(stated, "sale_price")
    if sale_price > price:
        raise RowError("sale_price", "must not be above price")
    starts_at = _moment(stated, "sale_starts_at", day_off=0)
    # A date alone is a day of the sale, its last one too.
    ends_at = _moment(stated, "sale_ends_at", day_off=1)
    if starts_at and ends_at and ends_at <= starts_at:
        raise RowError("sale_ends_at", "must be after sale_starts_at")
    return Sale(sale_price, starts_at, ends_at)


def _moment(stated: Mapping[str, Any], field: str, *, day_off: int) -> datetime | None:
    """Return the moment stated; of a date alone its first, so many days later. UTC if unzoned."""
    value = stated.get(field)
    if value in (None, ""):
        return None
    text = value.strip() if isinstance(value, str) else ""
    try:
        if len(text) == len("2026-01-31"):
            day = date.fromisoformat(text) + timedelta(days=day_off)
            return datetime.combine(day, time(), tzinfo=UTC)
        moment = datetime.fromisoformat(text)
        # Near the first and last year a zone can lead out of what times can say.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RowError(field, "must be a time such as 2026-01-31T18:00+01:00") from None


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    try:
        # Decimal itself would also read "1_000".
        return None if "_" in text else Decimal(text)
    except InvalidOperation:
        return None
