"""What a compiled rule compares: a fact in the form that an operator asks for."""

import math
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Final

from personalization.rules.dates import date_of, window
from personalization.rules.geography import Point, metres_between
from personalization.rules.patterns import compiled
from personalization.rules.reading import READ, Comparable, Known, Reader, comparable
from personalization.rules.tree import Fact
from personalization.rules.vocabulary import AMOUNTS_ONLY

# Compares with nothing, so that a missing number needs no check.
NO_NUMBER: Final = math.nan


class Operand:
    """One fact in one form. Equal ones are one object, so that each is read once per visitor.

    `argument` is what the form depends on besides, such as a regular expression. `read` returns
    the fact in this form, and remembers it with the visitor.
    """

    __slots__ = ("argument", "form", "is_costly", "read")

    def __init__(self, fact: Fact, form: str, argument: Hashable) -> None:
        self.form, self.argument = FORMS[form], argument
        self.read: Callable[[Known], Any]
        self.is_costly = form in COSTLY_FORMS or fact.kind in COSTLY_KINDS
        if form == "number" and fact.kind in AMOUNTS_ONLY:
            self.read = self._amount(READ[fact.kind](fact))
        elif form == "plain":
            self.read = self._plain(READ[fact.kind](fact))
        else:
            self.read = self._of_plain(operand_of(fact, "plain", None))

    def _amount(self, reader: Reader) -> Callable[[Known], float]:
        """Read what is a number or missing, and needs no more looking at."""

        def read(known: Known) -> float:
            value: Any = reader(known)
            if type(value) is not float:
                value = NO_NUMBER if value is None else as_float(value)
            known.read[self] = value
            return value  # type: ignore[no-any-return]

        return read

    def _plain(self, reader: Reader) -> Callable[[Known], Comparable]:
        def read(known: Known) -> Comparable:
            value = known.read[self] = comparable(reader(known))
            return value

        return read

    def _of_plain(self, plain: "Operand") -> Callable[[Known], Any]:
        form, argument = self.form, self.argument

        def read(known: Known) -> Any:
            found = known.read
            value = found[plain] if plain in found else plain.read(known)
            value = found[self] = form(value, argument, known)
            return value

        return read


@lru_cache(maxsize=100_000)
def operand_of(fact: Fact, form: str, argument: Hashable) -> Operand:
    """Return the one operand of this fact, form and argument."""
    return Operand(fact, form, argument)


def as_float(number: float) -> float:
    """Return the number as rules compare it: floats alone, which Python compares fastest.

    No rule states a number that a float cannot tell from its neighbours; what is beyond all
    floats is beyond all that rules state.
    """
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _number(actual: Comparable, _: Any, __: Known) -> float:
    kind = type(actual)
    return as_float(actual) if kind is int or kind is float else NO_NUMBER  # type: ignore[arg-type]


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
# What costs so much more than a comparison that it is read only where a rule comes to it.
COSTLY_FORMS: Final = frozenset({"is_found", "metres"})
COSTLY_KINDS: Final = frozenset({"sequence", "distinct"})
