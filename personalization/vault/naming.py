"""Which traits say directly who somebody is or where they live, however they are spelled."""

from collections.abc import Mapping
from typing import Any, Final

# Canonical name: what a person reads, and further spellings (small letters).
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("email_address", "e_mail"),
    "phone": ("phone_number", "mobile", "telephone"),
    "name": ("full_name", "fullname"),
    "first_name": ("firstname", "given_name"),
    "last_name": ("lastname", "surname", "family_name"),
    "address": ("address_line",),
    "street": ("address_street",),
    "city": ("address_city",),
    "postcode": ("postal_code", "postalcode", "zip", "zip_code", "zipcode", "address_postal_code"),
    "birthday": ("birth_date", "birthdate", "date_of_birth"),
}
CANONICAL: Final[Mapping[str, str]] = {
    spelling: name for name, others in NAMES.items() for spelling in (name, *others)
}


def canonical(name: str) -> str | None:
    """Return the name under which the vault keeps this trait; None: it is no personal trait."""
    return CANONICAL.get(name.lower())


def personal_traits(traits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the personal traits among these, under their canonical names."""
    found = {canonical(name): value for name, value in traits.items()}
    return {name: value for name, value in found.items() if name is not None}
