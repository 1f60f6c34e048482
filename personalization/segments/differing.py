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

from personalization.rules.calling import NO_NAMES, called, names_among
from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.sentences import rule_sentence
from personalization.segments.publishing import SECTIONS, Document

# With the document it is in, and what segments are called.
Describe = Callable[[Mapping[str, Any], Document, Mapping[str, str]], Sequence[str]]
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
    """Return every entry that differs, in the order of the document's sections.

    A segment is called the same on both sides: one that was renamed changes no rule that names it.
    """
    names = names_among({**before["segments"], **after["segments"]})
    return [change for section in SECTIONS for change in _changes(section, before, after, names)]


def compare_sentences(before: str, after: str) -> Line:
    """Return both sentences with the words marked that the other does not have."""
    old, new = before.split(), after.split()
    left: list[Word] = []
    right: list[Word] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left.extend(_words(old[i:j], differs=tag != "equal"))
        right.extend(_words(new[k:m], differs=tag != "equal"))
    return Line(tuple(left), tuple(right))


def describe_segment(
    definition: Mapping[str, Any], _: Document, names: Mapping[str, str] = NO_NAMES
) -> list[str]:
    """Return a live segment as sentences; `names` are what the segments it names are called."""
    try:
        rule = called(parse_rule(definition["rule"]), names)
    except RuleError as error:
        return [f"Named “{definition['name']}”.", f"Cannot be read: {error}"]
    return [f"Named “{definition['name']}”.", rule_sentence(rule)]


def _changes(
    section: str, before: Document, after: Document, names: Mapping[str, str]
) -> Iterator[Change]:
    describe: Describe = import_string(settings.DESCRIPTIONS[section])
    for key in sorted({*before[section], *after[section]}):
        old, new = before[section].get(key), after[section].get(key)
        if old == new:
            continue
        was = describe(old, before, names) if old is not None else ()
        became = describe(new, after, names) if new is not None else ()
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
