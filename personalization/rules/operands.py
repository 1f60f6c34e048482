"""What a compiled rule compares: a fact in the form that an operator asks for."""

import math
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Final

from personalization.rules.dates import date_of, window
from personalization.rules.geography import Point, metres_between
from personalization.rules.patterns import compiled
from personalization.rules.reading import READ, Comparable, Known, comparable
from personalization.rules.tree import Fact
from personalization.rules.vocabulary import AMOUNTS_ONLY

# Compares with nothing, so that a missing number needs no check.
NO_NUMBER: Final = math.nan


class Operand:
    """One fact in one form. Equal ones are one object, so that each is read once per visitor.

    `argument` is what the form depends on besides, such as a regular expression.
    """

    __slots__ = ("argument", "fact", "form", "is_amount", "plain", "reading")

    def __init__(self, fact: Fact, form: str, argument: Hashable) -> None:
        self.fact, self.form, self.argument = fact, FORMS[form], argument
        self.reading = READ[fact.kind]
        self.is_amount = form == "number" and fact.kind in AMOUNTS_ONLY
        is_plain = form == "plain" or self.is_amount
        self.plain = None if is_plain else operand_of(fact, "plain", None)

    def read(self, known: Known) -> Any:
        """Return the fact in this form, and remember it with the visitor."""
        read, plain = known.read, self.plain
        value: Any
        if self.is_amount:
            value = self.reading(self.fact, known)
            # What is a number or missing needs no more looking at.
            if value is None:
                value = NO_NUMBER
        elif plain is None:
            value = comparable(self.reading(self.fact, known))
        else:
            value = read[plain] if plain in read else plain.read(known)
            value = self.form(value, self.argument, known)
        read[self] = value
        return value


@lru_cache(maxsize=100_000)
def operand_of(fact: Fact, form: str, argument: Hashable) -> Operand:
    """Return the one operand of this fact, form and argument."""
    return Operand(fact, form, argument)


def _number(actual: Comparable, _: Any, __: Known) -> float:
    return actual if type(actual) is int or type(actual) is float else NO_NUMBER


def _text(actual: Comparable, _: Any, __: Known) -> str:
    return actual if isinstance(actual, str) else ""


def _date(actual: Comparable, _: Any, __: Known) -> str:
    return date_of(actual) or ""


def _members(actual: Comparable, _: Any, __: Known) -> frozenset[Any]:
    if isinstance(actual, frozenset):
        return actual
    # One value stated alone is a list of one.
    return frozenset() if actual is None else frozenset((actual,))


def _is_found(actual: Comparable, pattern: str, _: Known) -> bool:
    return isinstance(actual, str) and compiled(pattern).search(actual) is not None


def _is_within(actual: Comparable, days: int, known: Known) -> bool | None:
    date = date_of(actual)
    if date is None:
        return None
    earliest, today = window(days, now=known.now)
    return earliest <= date <= today


def _metres(actual: Comparable, centre: Point, _: Known) -> float:
    return metres_between(actual, centre) if isinstance(actual, Point) else NO_NUMBER


FORMS: Final[dict[str, Callable[[Any, Any, Known], Any]]] = {
    "plain": lambda actual, _, __: actual,
    "number": _number,
    "text": _text,
    "date": _date,
    "members": _members,
    "is_found": _is_found,
    "is_within": _is_within,
    "metres": _metres,
}
