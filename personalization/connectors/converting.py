"""What one column of a source is worth here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from personalization.identifiers.writing import as_text

Scalar = str | int | float | bool
ANY_OTHER: Final = "*"
BOOLEANS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "on"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "off"), False),
}


class ValueRefused(ValueError):
    """A value cannot be what the mapping says it is; the text says why, without the value."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where a value comes from, and how it is read.

    `name`: a column, or a path such as "Account.Industry"; empty: `constant`. `values` is a table,
    in which "*" stands for all others. `decimal` is the sign before the decimals of a number.
    """

    name: str = ""
    constant: Scalar | None = None
    kind: str = ""
    format: str = ""
    decimal: str = "."
    values: Mapping[str, Scalar] = field(default_factory=dict)
    expires_after_days: int | None = None

    def read(self, record: Mapping[str, Any]) -> Scalar | None:
        """Return the value; None: the record states none. Raises ValueRefused."""
        if not self.name:
            return self.constant
        stated = look_up(record, self.name)
        if stated is None or (isinstance(stated, str) and not stated.strip()):
            return None
        if self.values:
            return self._from_table(stated)
        return READ[self.kind](stated, self)

    def _from_table(self, stated: Any) -> Scalar:
        text = (as_text(stated) if isinstance(stated, float) else str(stated)).strip()
        if isinstance(stated, bool):
            text = text.lower()
        if text in self.values:
            return self.values[text]
        if ANY_OTHER in self.values:
            return self.values[ANY_OTHER]
        known = ", ".join(self.values)
        raise ValueRefused(f'This value is not in the table ({known}). Add it, or "*" for others.')


def look_up(record: Mapping[str, Any], name: str) -> Any:
    """Return the column, whatever its capitals, or what stands at the path; None: nothing."""
    lowered = {key.lower(): value for key, value in record.items()}
    wanted = name.lower()
    if wanted in lowered:
        return lowered[wanted]
    first, _, rest = wanted.partition(".")
    below = lowered.get(first)
    return look_up(below, rest) if rest and isinstance(below, Mapping) else None


def _as_stated(stated: Any, column: Column) -> Scalar:
    if isinstance(stated, list) and all(isinstance(one, Scalar) for one in stated):
        return ", ".join(str(one) for one in stated)
    if not isinstance(stated, Scalar):
        raise ValueRefused("It is nested. Name a part of it, such as Account.Industry.")
    return stated.strip() if isinstance(stated, str) else stated


def _as_text(stated: Any, column: Column) -> str:
    return as_text(_as_stated(stated, column))


def _as_number(stated: Any, column: Column) -> float | int:
    if isinstance(stated, int | float):
        return stated
    text = str(stated).strip().replace("\u00a0", "").replace(" ", "")
    if column.decimal == ",":
        text = text.replace(".", "").replace(",", ".")
    try:
        number = float(text) if "_" not in text else None
    except ValueError:
        number = None
    if number is None:
        raise ValueRefused("It is no number.")
    return int(number) if number.is_integer() and "." not in text else number


def _as_boolean(stated: Any, column: Column) -> bool:
    known = BOOLEANS.get(str(stated).strip().lower())
    if known is None:
        raise ValueRefused("It is neither true nor false. Give a table under `values`.")
    return known


def _as_date(stated: Any, column: Column) -> str:
    return _moment(stated, column).date().isoformat()


def _as_time(stated: Any, column: Column) -> str:
    return _moment(stated, column).isoformat()


def _moment(stated: Any, column: Column) -> datetime:
    text = str(stated).strip()
    try:
        read = datetime.strptime(text, column.format) if column.format else None  # noqa: DTZ007
        moment = read or datetime.fromisoformat(text)
    except ValueError as error:
        wanted = column.format or "ISO 8601, such as 2026-03-01"
        raise ValueRefused(f"It is no date written as {wanted}.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


READ: Final[Mapping[str, Callable[[Any, Column], Scalar]]] = {
    "": _as_stated,
    "text": _as_text,
    "number": _as_number,
    "boolean": _as_boolean,
    "date": _as_date,
    "time": _as_time,
}
