"""What one feed line says of how an item is shown: its words, its page, its picture."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from catalog.addresses import LONGEST_ADDRESS, NO_ADDRESS, is_web_address
from catalog.feed_prices import RowError
from catalog.feed_words import optional_text, too_long

# The limits are Google's.
DESCRIPTION_LENGTH: Final = 5_000
BRAND_LENGTH: Final = 70
GTIN: Final = re.compile(r"^[0-9]{8,14}\Z")
LINE_BREAKS: Final = re.compile(r"\r\n?|\n")
SEPARATORS: Final = str.maketrans("", "", " -")


@dataclass(frozen=True, slots=True)
class Showing:
    """How an item is shown; what is empty was not stated."""

    description: str = ""
    url: str = ""
    image_url: str = ""
    brand: str = ""
    gtin: str = ""


NOT_STATED: Final = Showing()


def stated_showing(stated: Mapping[str, Any]) -> Showing:
    """Return what the line states of it; raises RowError for the first thing wrong."""
    return Showing(
        description=_description(stated),
        url=_address(stated, "url"),
        image_url=_address(stated, "image_url"),
        brand=optional_text(stated, "brand", longest=BRAND_LENGTH),
        gtin=_gtin(stated),
    )


def _description(stated: Mapping[str, Any]) -> str:
    """Return it with its line breaks, which a name would not keep."""
    value = stated.get("description")
    lines = LINE_BREAKS.split(value) if isinstance(value, str) else [value]
    read = [
        optional_text({"description": line}, "description", longest=DESCRIPTION_LENGTH)
        for line in lines
    ]
    whole = "\n".join(read).strip()
    if len(whole) > DESCRIPTION_LENGTH:
        raise RowError("description", too_long(DESCRIPTION_LENGTH))
    return whole


def _address(stated: Mapping[str, Any], field: str) -> str:
    text = optional_text(stated, field, longest=LONGEST_ADDRESS)
    if text and not is_web_address(text):
        raise RowError(field, NO_ADDRESS)
    return text


def _gtin(stated: Mapping[str, Any]) -> str:
    value = stated.get("gtin")
    # Feeds out of spreadsheets carry codes as numbers.
    named = {"gtin": str(value)} if type(value) is int else stated
    code = optional_text(named, "gtin", longest=50).translate(SEPARATORS)
    if code and not GTIN.fullmatch(code):
        raise RowError("gtin", "must have 8 to 14 digits")
    return code
