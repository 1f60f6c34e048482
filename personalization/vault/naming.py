"""Which traits say directly who somebody is or where they live, however they are spelled."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

# Canonical name: what a person reads, and further words for it. Case, blanks and signs between the
# words make no difference: E-Mail, e_mail and eMail are one.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("email_address", "mail", "mail_address"),
    "phone": (
        "phone_number",
        "mobile",
        "mobile_number",
        "mobile_phone",
        "telephone",
        "tel",
        "cell",
    ),
    "name": ("full_name",),
    "first_name": ("given_name", "forename"),
    "last_name": ("surname", "family_name"),
    "address": ("address_line",),
    "street": ("address_street",),
    "city": ("address_city",),
    "postcode": ("postal_code", "zip", "zip_code", "address_postal_code"),
    "birthday": ("birth_date", "date_of_birth"),
}
BETWEEN_WORDS: Final = re.compile(r"[\W_]+")


def _folded(name: str) -> str:
    return BETWEEN_WORDS.sub("", name).lower()


CANONICAL: Final[Mapping[str, str]] = {
    _folded(spelling): name for name, others in NAMES.items() for spelling in (name, *others)
}


@lru_cache(maxsize=10_000)
def canonical(name: str) -> str | None:
    """Return the name under which the vault keeps this trait; None: it is no personal trait."""
    return CANONICAL.get(_folded(name))


def personal_traits(traits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the personal traits among these, under their canonical names."""
    found = {canonical(name): value for name, value in traits.items()}
    return {name: value for name, value in found.items() if name is not None}
