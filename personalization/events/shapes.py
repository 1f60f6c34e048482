"""What events of one type with the same fields have in common, worked out once for all of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from personalization.events.normalising import Spellings, country_code, is_currency
from personalization.events.outliers import Ordinary, is_number
from personalization.events.plain_parts import plain_part
from personalization.events.schema_checking import Check
from personalization.events.validating import TYPE
from personalization.vault.leaving_out import PAGE_ADDRESSES, QUERY
from personalization.vault.naming import canonical

LONGEST_NAME: Final = 64
CODE_LENGTH: Final = 3
LARGEST_PRICE: Final = 1e6
LARGEST_QUANTITY: Final = 1e5
PLAIN_NAME: Final = re.compile("[a-z0-9_]{1,64}")

Look = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Said:
    """What an event says, besides who, what and when."""

    properties: dict[str, Any]
    context: dict[str, Any]

    @classmethod
    def read(cls, properties: bytes, context: bytes) -> Self | None:
        """Return what the JSON of both parts says; None where one takes a closer look."""
        read = plain_part(properties), plain_part(context)
        return None if read[0] is None or read[1] is None else cls(read[0], read[1])


@dataclass(frozen=True, slots=True)
class Shape:
    """What is looked at in an event of this shape; values are plain: texts, numbers, yes or no."""

    of_properties: tuple[tuple[str, Look], ...]
    of_context: tuple[tuple[str, Look], ...]
    check: Check | None
    ordinary: tuple[tuple[str, Ordinary], ...]

    def has_nothing_to_say(self, said: Said) -> bool:
        """Return whether all is as it is written here, fits its schema, and no number is odd."""
        properties, context = said.properties, said.context
        for name, is_as_written in self.of_properties:
            if not is_as_written(properties[name]):
                return False
        for name, is_as_written in self.of_context:
            if not is_as_written(context[name]):
                return False
        for name, ordinary in self.ordinary:
            if is_number(properties[name]) and ordinary.is_outlier(properties[name]):
                return False
        if self.check is None:
            return True
        return self.check.fits({"properties": properties, "context": context, "traits": {}})


def shape_of(
    type: str,
    properties: tuple[str, ...],
    context: tuple[str, ...],
    *,
    spellings: Spellings,
    check: Check | None,
    usual: Mapping[str, Ordinary],
) -> Shape | None:
    """Return the shape of events with these fields; None where they take a closer look."""
    if not (TYPE.fullmatch(type) and _are_plain(properties) and _are_plain(context)):
        return None
    return Shape(
        of_properties=_looks(properties, {**ADDRESSES, **_known(spellings)}),
        of_context=_looks(context, {**ADDRESSES, "country": _is_country(spellings)}),
        check=check,
        ordinary=tuple((name, usual[name]) for name in usual if name in properties),
    )


def _are_plain(names: tuple[str, ...]) -> bool:
    return all(PLAIN_NAME.fullmatch(name) and canonical(name) is None for name in names)


def _looks(names: tuple[str, ...], known: Mapping[str, Look]) -> tuple[tuple[str, Look], ...]:
    return tuple((name, known[name]) for name in names if name in known)


def _known(spellings: Spellings) -> dict[str, Look]:
    """Return how the properties look that have rules."""
    items, categories = spellings.items, spellings.categories
    return {
        "item_id": (lambda v: _is_name(v) and v not in items) if items else _is_name,
        "category": (lambda v: _is_name(v) and v.casefold() not in categories)
        if categories
        else _is_name,
        "order_id": _is_name,
        "currency": lambda v: is_currency(v) and v.isupper() and len(v) == CODE_LENGTH,
        "price": lambda v: is_number(v) and 0 <= v <= LARGEST_PRICE,
        "quantity": lambda v: is_number(v) and 0 < v <= LARGEST_QUANTITY,
        "value": lambda v: is_number(v) and -LARGEST_PRICE <= v <= LARGEST_PRICE,
    }


def _is_country(spellings: Spellings) -> Look:
    return lambda v: isinstance(v, str) and country_code(v, spellings.countries) == v


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value == value.strip()


def _is_without_query(value: Any) -> bool:
    return not (isinstance(value, str) and ("?" in value or "#" in value))


ADDRESSES: Final[Mapping[str, Look]] = dict.fromkeys((*PAGE_ADDRESSES, QUERY), _is_without_query)
