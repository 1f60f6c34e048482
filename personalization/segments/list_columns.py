"""Which column of a table has the identifiers: what its first line says."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from personalization.segments.list_lines import Line, LinesLeft, Refused, Unfit, records

SEPARATORS: Final = ",;\t"
# Identifiers may have one of these in them (auth0|5f7c), so it separates columns at most.
RARE_SEPARATORS: Final = "|"
# As spreadsheets say what separates the columns.
SAYS_SEPARATOR: Final = re.compile(r'"?sep=([,;|\t])"?[,;|\t]*', re.IGNORECASE)
# What the first line calls a column, but for case, blanks, hyphens and underscores.
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "user": ("user_id", "user", "customer_id"),
    "crm": ("crm_id", "crm", "contact_id"),
    "email": ("email", "email_address", "mail"),
    "phone": ("phone", "phone_number", "telephone", "mobile"),
}
# Taken where no other column could be meant.
ID: Final = "id"
HAVE_IDS: Final = ("user", "crm")
NAMED: Final = 10
LONGEST_NAMED: Final = 40
TOO_LONG: Final = "A cell in this line is longer than 131,072 characters."
LOOKS_LIKE_DATA: Final = re.compile(r"[\d@]")


class UnknownColumns(Unfit):
    """There are several columns, and nothing says which of them is meant."""

    def __init__(self, kind: str, first: Sequence[str]) -> None:
        wanted = [*HEADINGS[kind], *([ID] if kind in HAVE_IDS else [])]
        super().__init__(
            f"{_seen(first)} Call the column with the identifiers {', '.join(wanted[:-1])} or"
            f" {wanted[-1]}, or give nothing but identifiers, one on each line."
        )


@dataclass(frozen=True, slots=True)
class Column:
    """Where the identifiers stand in the lines that follow."""

    index: int
    separator: str

    def cells(self, left: LinesLeft) -> Iterator[Line | Refused]:
        """Yield its cell of each record."""
        for found in records(left, separators=self.separator):
            if isinstance(found, Refused):
                yield found
                continue
            row = _row(found.text, self.separator)
            if row is None:
                yield Refused(found.number, TOO_LONG)
            elif self.index < len(row):
                yield Line(found.number, row[self.index])


def column_in(left: LinesLeft, *, kind: str) -> Column | None:
    """Return the column of this kind, and take the lines with the headings.

    There is none where the first line that is not empty names no columns. Raises UnknownColumns
    where it names others only.
    """
    separators = SEPARATORS + RARE_SEPARATORS
    first = _first_filled(left)
    if first and (said := SAYS_SEPARATOR.fullmatch(first.text)):
        separators, first = said[1], _first_filled(left)
    if first is None:
        return None
    heading = left.record_from(first, separators=separators) or first
    rows = {one: _row(heading.text, one) or [] for one in separators}
    separator = max(rows, key=lambda one: (_says_columns(rows[one]), len(rows[one])))
    if not _says_columns(rows[separator]):
        left.give_back(heading)
        return None
    index = _index(rows[separator], kind)
    if index is None:
        raise UnknownColumns(kind, rows[separator])
    return Column(index, separator)


def _first_filled(left: LinesLeft) -> Line | None:
    return next((line for line in left if line.text.strip()), None)


def _row(text: str, separator: str) -> list[str] | None:
    """Return the cells; None where one of them is longer than any text we would read."""
    try:
        return next(csv.reader([text], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return None


def _says_columns(row: Sequence[str]) -> bool:
    return any(_plain(name) in KNOWN for name in row)


def _index(row: Sequence[str], kind: str) -> int | None:
    names = [_plain(name) for name in row]
    wanted = PLAIN[kind]
    if kind in HAVE_IDS and not any(name in PLAIN[one] for one in HAVE_IDS for name in names):
        wanted = {ID}
    return next((index for index, name in enumerate(names) if name in wanted), None)


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()


def _seen(first: Sequence[str]) -> str:
    names = [" ".join(name.split())[:LONGEST_NAMED] for name in first if name.strip()]
    # What names people is not repeated in a message that is kept.
    if len(names) == 1 or any(LOOKS_LIKE_DATA.search(name) for name in names):
        return "There are several columns, and the first line names none of them."
    more = " …" if len(names) > NAMED else ""
    return f"The first line names these columns: {', '.join(names[:NAMED])}{more}."


PLAIN: Final = {kind: {_plain(name) for name in names} for kind, names in HEADINGS.items()}
KNOWN: Final = frozenset({ID}.union(*PLAIN.values()))
