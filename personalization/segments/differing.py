"""What one publication changed, as sentences before and after, with the words that differ.

`settings.DESCRIPTIONS` names, for each section of the document, who can put a definition into
sentences: activities belong to a room that this one may not import.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, Final

from django.conf import settings
from django.utils.module_loading import import_string

from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.sentences import rule_sentence
from personalization.segments.publishing import SECTIONS, Document

Describe = Callable[[Mapping[str, Any], Document], Sequence[str]]
HAPPENED: Final[Mapping[tuple[bool, bool], str]] = {
    (False, True): "new",
    (True, False): "taken offline",
    (True, True): "changed",
}


@dataclass(frozen=True, slots=True)
class Word:
    """A run of words; `differs` where the other side has none such."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence as it was and as it became; empty where there was or is none."""

    before: tuple[Word, ...]
    after: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that a publication changed."""

    section: str
    key: str
    name: str
    happened: str
    lines: tuple[Line, ...]


def changes_between(before: Document, after: Document) -> list[Change]:
    """Return every entry that differs, in the order of the document's sections."""
    return [change for section in SECTIONS for change in _changes(section, before, after)]


def compare_sentences(before: str, after: str) -> Line:
    """Return both sentences with the words marked that the other does not have."""
    old, new = before.split(), after.split()
    left: list[Word] = []
    right: list[Word] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left.extend(_words(old[i:j], differs=tag != "equal"))
        right.extend(_words(new[k:m], differs=tag != "equal"))
    return Line(tuple(left), tuple(right))


def describe_segment(definition: Mapping[str, Any], _: Document) -> list[str]:
    """Return a live segment as sentences."""
    try:
        return [f"Named “{definition['name']}”.", rule_sentence(parse_rule(definition["rule"]))]
    except RuleError as error:
        return [f"Named “{definition['name']}”.", f"Cannot be read: {error}"]


def _changes(section: str, before: Document, after: Document) -> Iterator[Change]:
    describe: Describe = import_string(settings.DESCRIPTIONS[section])
    for key in sorted({*before[section], *after[section]}):
        old, new = before[section].get(key), after[section].get(key)
        if old == new:
            continue
        was = describe(old, before) if old is not None else ()
        became = describe(new, after) if new is not None else ()
        yield Change(
            section=section,
            key=key,
            name=(new or old or {})["name"],
            happened=HAPPENED[old is not None, new is not None],
            lines=tuple(
                compare_sentences(*pair) for pair in zip_longest(was, became, fillvalue="")
            ),
        )


def _words(words: Sequence[str], *, differs: bool) -> Iterator[Word]:
    if words:
        yield Word(" ".join(words), differs)
