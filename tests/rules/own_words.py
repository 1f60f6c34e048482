"""Words of a storefront's own, as docs/segments.md shows them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from personalization.rules.reading import Comparable, Known
from personalization.rules.registering import OwnFact, OwnOperator
from personalization.rules.sql import FACTS, Reading, Sql


class LoyaltyPoints(OwnFact):
    """Points collected: one for each whole pound ever spent."""

    key = "loyalty_points"
    label = "Loyalty points"
    operators = ("greater", "at_least", "less", "at_most", "between")
    is_amount = True

    def read(self, known: Known) -> int:
        """Return the points; someone who never bought has none."""
        return int(round(sum(known.facts.get("sums", {}).get("purchase", {}).values()), 2))

    def sql(self, now: datetime) -> Reading:
        """Return the same over a profile's row."""
        days = f"jsonb_each_text({FACTS}->'sums'->'purchase') AS d(day, amount)"
        points = f"(SELECT trunc(COALESCE(sum(amount::numeric), 0)) FROM {days})"
        return Reading(number=Sql(points))


class IsOneWord(OwnOperator):
    """A text without a blank in it."""

    key = "is_one_word"
    label = "is one word"
    phrase = "is one word"
    value_kind = "none"
    facts = ("trait", "persona")

    def test(self, value: Any) -> Callable[[Comparable], bool]:
        """Return what tells whether a text, folded already, is one word."""
        return lambda actual: isinstance(actual, str) and " " not in actual

    def sql(self, reading: Reading, value: Any, now: datetime) -> Sql:
        """Return the same of the fact's text."""
        return Sql(f"COALESCE(strpos({reading.text.text}, ' ') = 0, FALSE)", reading.text.params)
