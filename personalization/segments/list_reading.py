"""The identifiers in what marketers paste or upload, with what is none refused line by line."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from consent.subjects import Identifier, can_name

MAX_MEMBERS: Final = 1_000_000
LONGEST: Final = 200
SEPARATORS: Final = re.compile(r"[,;\t]")
# What the first line calls a column; a file without such a line is nothing but identifiers.
HEADINGS: Final[Mapping[str, frozenset[str]]] = {
    "user": frozenset({"user", "user_id", "user id", "userid", "customer_id", "customer id"}),
    "crm": frozenset({"crm", "crm_id", "crm id", "contact_id", "contact id"}),
    "email": frozenset({"email", "e-mail", "e_mail", "email address", "e-mail address", "mail"}),
    "phone": frozenset({"phone", "phone number", "telephone", "mobile"}),
}
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
DIGITS: Final = re.compile(r"\d")
FEWEST_DIGITS: Final = 6


class ListTooLong(Exception):
    """There are more identifiers than a list holds; nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that is no identifier, at its line, and why."""

    line: int
    reason: str


def read_members(lines: Iterable[bytes], *, kind: str) -> Iterator[Identifier | Refused]:
    """Yield what stands in the lines, one at a time; raises ListTooLong.

    Identifiers are separated by line ends, commas, semicolons or tabs, and blanks around them do
    not count. Where the first line names columns, only the column of this kind is read.
    """
    members = 0
    for found in _cells(lines, kind):
        if isinstance(found, Refused):
            yield found
            continue
        line, text = found
        if not text:
            continue
        problem = problem_of(text, kind)
        yield Refused(line, problem) if problem else Identifier(kind, text)
        members += 1
        if members > MAX_MEMBERS:
            raise ListTooLong(f"A list holds at most {MAX_MEMBERS:,} identifiers.")


def problem_of(text: str, kind: str) -> str:
    """Return why this is no identifier of the kind; empty if it is one."""
    if len(text) > LONGEST:
        return f"It is longer than {LONGEST} characters."
    if not text.isprintable():
        return "It has characters that cannot be seen. Remove them."
    return PROBLEMS[kind](text) if kind in PROBLEMS else ""


def _cells(lines: Iterable[bytes], kind: str) -> Iterator[tuple[int, str] | Refused]:
    cells: Callable[[str], Iterable[str]] = _split
    for number, raw in enumerate(lines, start=1):
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            yield Refused(number, "It is not UTF-8 text. Save the file as CSV UTF-8.")
            continue
        if number == 1 and (column := _column(text, kind)) is not None:
            cells = column
            continue
        yield from ((number, cell) for cell in cells(text))


def _split(text: str) -> Iterator[str]:
    return (_bare(part) for part in SEPARATORS.split(text))


def _column(text: str, kind: str) -> Callable[[str], Iterable[str]] | None:
    """Return how to read the column of this kind; None where the line names no columns."""
    names = [_bare(part).lower() for part in SEPARATORS.split(text)]
    known = frozenset().union(*HEADINGS.values())
    if not known.intersection(names):
        return None
    of_kind = [index for index, name in enumerate(names) if name in HEADINGS[kind]]
    separator = found[0] if (found := SEPARATORS.search(text)) else ","
    index = of_kind[0] if of_kind else -1

    def cells(line: str) -> list[str]:
        row = next(csv.reader([line], delimiter=separator), [])
        return [row[index].strip()] if 0 <= index < len(row) else []

    return cells


def _bare(text: str) -> str:
    return text.strip().strip('"').strip()


def _email_problem(text: str) -> str:
    return "" if EMAIL.fullmatch(text) else "It is no e-mail address."


def _phone_problem(text: str) -> str:
    enough = len(DIGITS.findall(text)) >= FEWEST_DIGITS
    # (000) 000-0000 has enough of them, and is nobody's.
    return "" if enough and can_name("phone", text) else "It is no phone number."


PROBLEMS: Final[Mapping[str, Callable[[str], str]]] = {
    "email": _email_problem,
    "phone": _phone_problem,
}
