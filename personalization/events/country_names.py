"""Countries by what people write: codes and names of ISO 3166, and what else they are called."""

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final

import pycountry

# What ISO 3166 calls otherwise, or not at all; folded as `folded` does.
COMMON: Final[Mapping[str, str]] = {
    "america": "US",
    "bosnia": "BA",
    "britain": "GB",
    "brunei": "BN",
    "burma": "MM",
    "cape verde": "CV",
    "congo brazzaville": "CG",
    "congo kinshasa": "CD",
    "democratic republic of the congo": "CD",
    "dr congo": "CD",
    "drc": "CD",
    "east timor": "TL",
    "el": "GR",
    "emirates": "AE",
    "england": "GB",
    "falkland islands": "FK",
    "great britain": "GB",
    "holland": "NL",
    "ivory coast": "CI",
    "korea": "KR",
    "macau": "MO",
    "macedonia": "MK",
    "micronesia": "FM",
    "northern ireland": "GB",
    "palestine": "PS",
    "republic of korea": "KR",
    "republic of the congo": "CG",
    "russia": "RU",
    "saint martin": "MF",
    "scotland": "GB",
    "sint maarten": "SX",
    "st lucia": "LC",
    "st kitts and nevis": "KN",
    "st vincent and the grenadines": "VC",
    "swaziland": "SZ",
    "trinidad": "TT",
    "turkey": "TR",
    "uae": "AE",
    "uk": "GB",
    "vatican": "VA",
    "vatican city": "VA",
    "virgin islands": "VI",
    "wales": "GB",
}
NAMES: Final = ("alpha_2", "alpha_3", "name", "common_name", "official_name")


def code_of(stated: str) -> str | None:
    """Return the ISO 3166 code of two letters of a name or code; None where there is none."""
    name = folded(stated)
    return _codes().get(name) or COMMON.get(name)


def folded(name: str) -> str:
    """Return the name without capitals, accents, points and a "the" in front."""
    plain = unicodedata.normalize("NFKD", name).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign) and sign != ".")
    words = letters.replace("&", " and ").replace("-", " ").casefold().split()
    return " ".join(words[1:] if words[:1] == ["the"] else words)


@cache
def _codes() -> dict[str, str]:
    return {
        folded(getattr(country, name)): country.alpha_2
        for country in pycountry.countries
        for name in NAMES
        if hasattr(country, name)
    }
