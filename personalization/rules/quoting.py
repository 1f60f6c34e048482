"""Texts, names and numbers inside a sentence, so that no two read alike that are not.

What could be taken for a part of the sentence is quoted; the quotes in it are doubled.
"""

import re
from decimal import Decimal
from typing import Final

from personalization.rules.tree import Scalar

# Words that sentences are made of. A text that has one of them is quoted.
WORDS: Final = frozenset(
    word
    for line in (
        "a after ago agreed all among and any at before begins between but by contains ends",
        "exactly fewer followed for from has have in is it known last latest least less matches",
        "more most no none not number of or segment than the this to today true false was with",
        "within worth",
    )
    for word in line.split()
)
# Those at which a name would end.
VERBS: Final = frozenset(("and", "or", "is", "has", "contains", "begins", "ends", "matches", "not"))
SIGNS: Final = re.compile(r"[,;()“”:]")
NUMBER: Final = re.compile(r"[-+]?[\d.,]+", re.ASCII)
# A first capital would be lost where a sentence begins.
NAME: Final = re.compile(r"[a-z0-9]+(_[A-Za-z0-9]+)*|[a-z][A-Za-z0-9]*")


def shown(value: Scalar) -> str:
    """Return a value as a person writes it; other values are written otherwise."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else _number(value)


def quoted(text: str) -> str:
    """Return the text in quotes."""
    return f"“{text.replace('”', '””')}”"


def spoken(name: str) -> str:
    """Return a name as it is read, with blanks for underscores; what is no plain name is quoted."""
    is_plain = NAME.fullmatch(name) is not None and VERBS.isdisjoint(name.split("_"))
    return name.replace("_", " ") if is_plain else quoted(name)


def _text(text: str) -> str:
    is_odd = SIGNS.search(text) or NUMBER.fullmatch(text)
    return quoted(text) if is_odd or not WORDS.isdisjoint(text.lower().split()) else text


def _number(value: float) -> str:
    """Return the shortest decimal that names the number, with thousands separators."""
    whole, point, rest = f"{Decimal(repr(value)):,f}".partition(".")
    rest = rest.rstrip("0")
    return f"{whole}{point}{rest}" if rest else whole.removeprefix("-") if not value else whole
