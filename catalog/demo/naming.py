"""Shop names out of the ledger's capitals, and notes told from names."""

import re
from typing import Final

SMALL_WORDS: Final = frozenset(
    ("a", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with")
)
# Written out, or kept in capitals.
SPELLED: Final = {
    "w": "with",
    "w/": "with",
    "asst": "Assorted",
    "asstd": "Assorted",
    "assted": "Assorted",
    "assorted": "Assorted",
    "christmas": "Christmas",
    "xmas": "Christmas",
    "tlight": "T-Light",
    "t-light": "T-Light",
    "t-lights": "T-Lights",
    "polkadot": "Polka Dot",
    "polkadots": "Polka Dots",
    "retrospot": "Retro Spot",
    "pantrydesign": "Pantry Design",
    "folkart": "Folk Art",
    "feltcraft": "Felt Craft",
    "+": "and",
    "&": "and",
    "led": "LED",
    "tv": "TV",
    "usb": "USB",
    "diy": "DIY",
    "abc": "ABC",
    "vip": "VIP",
    "cd": "CD",
    "uk": "UK",
    "a4": "A4",
    "a5": "A5",
    "a6": "A6",
    "dvd": "DVD",
    "ii": "II",
    "i": "I",
    "b'fly": "Butterfly",
    "colour": "Colour",
    "nocolour": "Colour",
}
# At least half capitals: clerks wrote notes ("damaged", "found in w/hse") in lower case.
CAPITAL_SHARE: Final = 0.5
SHORTEST_NAME: Final = 5
MEASURE: Final = re.compile(r"^\d+([.,]\d+)?(cm|mm|m|g|kg|ml|l|pc|pcs|x\d+.*)$", re.IGNORECASE)
DECADE: Final = re.compile(r"^\d+'?[st]h?$", re.IGNORECASE)
WORD_PART: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def is_name(description: str) -> bool:
    """Return whether a description names a product; clerks also noted damage and losses there."""
    letters = [letter for letter in description if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    return len(description) >= SHORTEST_NAME and capitals >= CAPITAL_SHARE * max(len(letters), 1)


def nice_name(description: str) -> str:
    """Return the name in title case: "SET/6 T-LIGHTS W GLASS" as "Set/6 T-Lights with Glass"."""
    spaced = re.sub(r"\s*,\s*", ", ", description.strip(" *.,"))
    spaced = re.sub(r"(\d)([A-Z]{4,})", r"\1 \2", spaced)
    words = [_nice_word(word) for word in spaced.split()]
    return _capital_first(" ".join(words))


def _nice_word(word: str) -> str:
    plain = word.lower()
    if plain in SPELLED:
        return SPELLED[plain]
    if plain in SMALL_WORDS or MEASURE.match(word) or DECADE.match(word):
        return plain
    return WORD_PART.sub(_title_part, word)


def _title_part(match: re.Match[str]) -> str:
    part = match.group()
    # "3D" and "6PC" start with a digit, which str.capitalize would leave as "3d".
    return part.upper() if part[0].isdigit() else part.capitalize()


def _capital_first(name: str) -> str:
    return name[:1].upper() + name[1:]
