"""The values a condition states, read or refused."""

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from personalization.rules.patterns import PatternError, compiled, written_out
from personalization.rules.tree import Fact, RuleError, Scalar, Value
from personalization.rules.vocabulary import (
    AMOUNTS_ONLY,
    CONTEXT_NUMBERS,
    CONTEXT_TEXTS,
    MAX_DAYS,
    MAX_KM,
    MAX_MINUTES,
    MAX_NUMBER,
    MAX_TEXT,
    MAX_VALUES,
    TEXTS_ONLY,
    VALUE_KINDS,
)

BOUNDS: Final = 2
CIRCLE: Final = 3
TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
DATE_LENGTH: Final = len("2026-03-31")


def read_value(value: Any, *, fact: Fact, operator: str, path: str) -> Value:
    """Return the value that the operator asks for; raises RuleError."""
    return VALUES[VALUE_KINDS[operator]](value, fact, path)


def read_text(value: Any, path: str) -> str:
    """Return a text without surrounding blanks; raises RuleError."""
    if not isinstance(value, str) or not value.strip():
        raise RuleError(path, "Give a text.")
    if len(value) > MAX_TEXT:
        raise RuleError(path, f"Use at most {MAX_TEXT} characters.")
    if not value.isprintable():
        raise RuleError(path, "Remove line breaks and characters that cannot be seen.")
    return value.strip()


def read_days(value: Any, path: str) -> int:
    """Return a number of days; raises RuleError."""
    if type(value) is not int or not 1 <= value <= MAX_DAYS:
        raise RuleError(path, f"Use a whole number of days from 1 to {MAX_DAYS}.")
    return value


def read_minutes(value: Any, path: str) -> int:
    """Return a number of minutes; raises RuleError."""
    if type(value) is not int or not 1 <= value <= MAX_MINUTES:
        raise RuleError(path, f"Use a whole number of minutes from 1 to {MAX_MINUTES:,}.")
    return value


def _none(value: Any, _: Fact, path: str) -> None:
    if value is not None:
        raise RuleError(path, "Leave the value out here.")


def _pattern(value: Any, _: Fact, path: str) -> str:
    text = read_text(value, path)
    try:
        compiled(written_out(text))
    except PatternError as error:
        raise RuleError(path, str(error)) from error
    return text


def _list(value: Any, fact: Fact, path: str) -> tuple[Scalar, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_VALUES:
        raise RuleError(path, f"Give a list of 1 to {MAX_VALUES} values.")
    return tuple(_scalar(one, fact, f"{path}[{i}]") for i, one in enumerate(value))


def _range(value: Any, _: Fact, path: str) -> tuple[Scalar, ...]:
    if not isinstance(value, list) or len(value) != BOUNDS:
        raise RuleError(path, "Give the lowest and the highest number.")
    low, high = (_number(one, f"{path}[{i}]") for i, one in enumerate(value))
    if low > high:
        raise RuleError(path, "Give the lower number first.")
    return (low, high)


def _date(value: Any, _: Fact, path: str) -> str:
    if not isinstance(value, str) or len(value) != DATE_LENGTH or not _is_date(value):
        raise RuleError(path, "Give a date, such as 2026-03-31.")
    return value


def _times(value: Any, fact: Fact, path: str) -> tuple[Scalar, ...]:
    if fact.name != "time":
        raise RuleError(path, "Only the time of day lies between two times.")
    if not isinstance(value, list) or len(value) != BOUNDS:
        raise RuleError(path, "Give the first and the last time, such as 22:00 and 06:00.")
    for one in value:
        if not isinstance(one, str) or not TIME.fullmatch(one):
            raise RuleError(path, "Give times such as 09:30 or 22:00.")
    if value[0] == value[1]:
        raise RuleError(path, "Give two different times.")
    return tuple(value)


def _circle(value: Any, _: Fact, path: str) -> tuple[Scalar, ...]:
    if not isinstance(value, list) or len(value) != CIRCLE:
        raise RuleError(path, "Give latitude, longitude and kilometres.")
    latitude, longitude, km = (_number(one, f"{path}[{i}]") for i, one in enumerate(value))
    for place, number, limit in ((0, latitude, 90), (1, longitude, 180)):
        if abs(number) > limit:
            raise RuleError(
                f"{path}[{place}]", f"Use a number of degrees from -{limit} to {limit}."
            )
    if not 0 < km <= MAX_KM:
        raise RuleError(f"{path}[2]", f"Use a distance above 0 and up to {MAX_KM:,} km.")
    return (latitude, longitude, km)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _scalar(value: Any, fact: Fact, path: str) -> Scalar:
    if fact.is_context:
        return _context_value(value, fact.name, path)
    if fact.kind in AMOUNTS_ONLY:
        return _number(value, path)
    if fact.kind in TEXTS_ONLY:
        return _chosen(value, TEXTS_ONLY[fact.kind], path)
    if isinstance(value, bool):
        return value
    return read_text(value, path) if isinstance(value, str) else _number(value, path)


def _context_value(value: Any, name: str, path: str) -> Scalar:
    if (numbers := CONTEXT_NUMBERS.get(name)) is not None:
        if type(value) is not int or value not in numbers:
            raise RuleError(path, f"Use a whole number from 0 to {numbers[-1]}.")
        return int(value)
    return _chosen(value, CONTEXT_TEXTS[name], path)


def _chosen(value: Any, allowed: tuple[str, ...] | None, path: str) -> str:
    text = read_text(value, path)
    if allowed and text not in allowed:
        raise RuleError(path, f"Choose one of {', '.join(allowed)}.")
    return text


def _number(value: Any, path: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RuleError(path, "Give a number.")
    if not math.isfinite(value) or abs(value) > MAX_NUMBER:
        raise RuleError(path, "Use a number below a million millions.")
    return value


VALUES: Final[dict[str, Callable[[Any, Fact, str], Value]]] = {
    "scalar": _scalar,
    "number": lambda value, _, path: _number(value, path),
    "range": _range,
    "list": _list,
    "text": lambda value, _, path: read_text(value, path),
    "date": _date,
    "pattern": _pattern,
    "segment": lambda value, _, path: read_text(value, path),
    "days": lambda value, _, path: read_days(value, path),
    "times": _times,
    "circle": _circle,
    "none": _none,
}
