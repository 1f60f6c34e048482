"""Texts as feed lines state them, within limits and without what no text has."""

import re
from collections.abc import Mapping
from typing import Any, Final

from catalog.feed_prices import RowError

# Control characters, and halves of surrogate pairs, such as an emoji that was cut in two.
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
# Quoted cells have them; a name is one line.
BREAKS: Final = re.compile(r"\s*[\r\n\t]\s*")


def required_text(stated: Mapping[str, Any], field: str, *, longest: int) -> str:
    """Return the text of the field on one line; raises RowError where there is none."""
    text = optional_text(stated, field, longest=longest)
    if not text:
        raise RowError(field, "is missing")
    return text


def optional_text(stated: Mapping[str, Any], field: str, *, longest: int) -> str:
    """Return the text of the field on one line, empty where it states none; raises RowError."""
    value = stated.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RowError(field, "must be text")
    text = BREAKS.sub(" ", value.strip())
    if len(text) > longest:
        raise RowError(field, too_long(longest))
    if CONTROL.search(text):
        raise RowError(field, "has a control character in it, or half of an emoji")
    return text


def too_long(longest: int) -> str:
    """Return what is wrong with a longer text."""
    return f"is longer than {longest} characters"
