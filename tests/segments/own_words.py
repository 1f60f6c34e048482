"""Words of a storefront's own, as docs/segments.md shows them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from personalization.segments.reading import Comparable, Known
from personalization.segments.registering import OwnFact, OwnOperator
from personalization.segments.sql import FACTS, Reading, Sql, decimal


class LoyaltyPoints(OwnFact):
    """Points collected: one for each whole pound ever spent."""

    key = "loyalty_points"
    label = "Loyalty points"
    operators = ("greater", "at_least", "less", "at_most", "between", "a_multiple_of")
    is_amount = True

    def read(self, known: Known) -> int:
        """Return the points; someone who never bought has none."""
        return int(round(sum(known.facts.get("sums", {}).get("purchase", {}).values()), 2))

    def sql(self, now: datetime) -> Reading:
        """Return the same over a profile's row."""
        days = f"jsonb_each_text({FACTS}->'sums'->'purchase') AS d(day, amount)"
        points = f"(SELECT trunc(COALESCE(sum(amount::numeric), 0)) FROM {days})"  # noqa: S608
        return Reading(number=Sql(points))


class AMultipleOf(OwnOperator):
    """A whole number that can be divided by another: "every tenth point"."""

    key = "a_multiple_of"
    label = "is a multiple of"
    phrase = "is a multiple of {}"
    value_kind = "days"
    facts = ("count",)

    def test(self, value: Any) -> Callable[[Comparable], bool]:
        """Return what tells whether a number can be divided."""
        return lambda actual: isinstance(actual, int | float) and actual % value == 0

    def sql(self, reading: Reading, value: Any, now: datetime) -> Sql:
        """Return the same of the fact's number."""
        number = reading.number
        return Sql(
            f"COALESCE(mod({number.text}, %s::numeric) = 0, FALSE)",
            (*number.params, decimal(value)),
        )
