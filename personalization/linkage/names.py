"""The personal traits that can be compared, as the vault names them."""

from typing import Final

COMPARED: Final = (
    "first_name",
    "last_name",
    "street",
    "city",
    "postcode",
    "birthday",
    "email",
    "phone",
)
