"""The identifiers in what marketers paste or upload, with what is none refused line by line."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from consent.subjects import Identifier, can_name
from personalization.segments.list_columns import SEPARATORS, UnknownColumns, column_in
from personalization.segments.list_lines import (
    Line,
    LinesLeft,
    Refused,
    Unfit,
    text_lines,
)

MAX_MEMBERS: Final = 1_000_000
LONGEST: Final = 200
SEPARATED: Final = re.compile(f"[{SEPARATORS}]")
EMAIL: Final = re.compile(r'[^@\s<>"(),:;]+@[^@\s<>"(),:;]+\.[^@\s<>"(),:;]+')
DIGITS: Final = re.compile(r"\d")
FEWEST_DIGITS: Final = 6
# What a spreadsheet makes of a long number, and how it writes one that it is to leave alone.
SHORTENED: Final = re.compile(r"\d+([.,]\d+)?E\+\d+", re.IGNORECASE)
KEPT_AS_TEXT: Final = re.compile(r'="(.*)"')
# Any text may be one of these, the names and cities in the columns beside them too.
FORMLESS: Final = frozenset({"user", "crm"})


class ListTooLong(Unfit):
    """There are more identifiers than a list holds."""


def read_members(lines: Iterable[bytes], *, kind: str) -> Iterator[Identifier | Refused]:
    """Yield what stands in the lines, one at a time; raises Unfit where nothing of it may be kept.

    Identifiers are separated by line ends, commas, semicolons or tabs, and blanks around them do
    not count. Where the first line names columns, only the column of this kind is read.
    """
    members = 0
    for found in _cells(lines, kind):
        if isinstance(found, Refused):
            yield found
            continue
        problem = problem_of(found.text, kind)
        yield Refused(found.number, problem) if problem else Identifier(kind, found.text)
        members += 1
        if members > MAX_MEMBERS:
            raise ListTooLong(f"A list holds at most {MAX_MEMBERS:,} identifiers.")


def _cells(lines: Iterable[bytes], kind: str) -> Iterator[Line | Refused]:
    left = LinesLeft(text_lines(lines))
    column = column_in(left, kind=kind)
    for found in _separated(left, kind) if column is None else column.cells(left):
        if isinstance(found, Refused):
            yield found
        elif text := _bare(found.text):
            yield Line(found.number, text)


def _separated(left: LinesLeft, kind: str) -> Iterator[Line]:
    """Yield what stands between separators; raises UnknownColumns where it is a table."""
    first: list[str] = []
    rows = 0
    for line in left:
        cells = [bare for part in SEPARATED.split(line.text) if (bare := _bare(part))]
        rows += len(cells) > 1
        if rows > 1 and kind in FORMLESS:
            raise UnknownColumns(kind, first)
        if len(cells) > 1 and not first and all(problem_of(one, kind) for one in cells):
            raise UnknownColumns(kind, cells)
        first = first or cells
        yield from (Line(line.number, cell) for cell in cells)


def _bare(text: str) -> str:
    text = text.strip()
    if kept := KEPT_AS_TEXT.fullmatch(text):
        return kept[1].strip()
    return text.strip('"').strip()


def problem_of(text: str, kind: str) -> str:
    """Return why this is no identifier of the kind; empty if it is one."""
    if len(text) > LONGEST:
        return f"It is longer than {LONGEST} characters."
    if "\ufffd" in text:
        return "It is not UTF-8 text. Save the file as CSV UTF-8."
    if not text.isprintable():
        return "It has characters that cannot be seen. Remove them."
    if SHORTENED.fullmatch(text):
        return "A spreadsheet shortened this number. Format the column as text, and save it again."
    return PROBLEMS[kind](text) if kind in PROBLEMS else ""


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
