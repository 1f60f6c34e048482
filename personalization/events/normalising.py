"""Write the same thing in the same way, whoever sent it: currencies, items, countries, categories.

`traits.country` is left as it was stated: rules compare it with the words of whoever sends it, such
as "France". Codes are made of `context.country` and of `traits.country_code`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec.structs import replace

from catalog.currencies import currencies
from personalization.events.accepted import AcceptedEvent
from personalization.events.country_names import code_of
from personalization.events.keepable import EventRefused

CODE_LENGTH: Final = 2
NO_CURRENCY: Final = "There is no such currency. Use a code of ISO 4217, such as GBP."


@dataclass(frozen=True, slots=True)
class Spellings:
    """What the mapping table says; categories and countries under their casefolded spelling."""

    items: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)


NO_SPELLINGS: Final = Spellings()


def normalise(event: AcceptedEvent, spellings: Spellings = NO_SPELLINGS) -> AcceptedEvent:
    """Return the event with its codes and ids as we write them.

    Raises EventRefused on a currency that does not exist. A country that cannot be read is kept as
    it came, and flagged; so is a currency that a door of another system has set aside.
    """
    changed: dict[str, Any] = {}
    flags = []
    for part, name, write in RULES:
        stated = getattr(event, part).get(name)
        if stated is None:
            continue
        written = write(stated, spellings)
        if written is None:
            flags.append(f"unknown:{part}.{name}")
        elif written != stated:
            changed.setdefault(part, dict(getattr(event, part)))[name] = written
    if not (changed or flags):
        return event
    return replace(event, flags=[*event.flags, *flags], **changed)


def country_code(stated: str, spellings: Mapping[str, str]) -> str | None:
    """Return the ISO 3166 code of two letters of a name or code; None where there is none."""
    folded = stated.strip().casefold()
    return spellings.get(folded) or code_of(stated)


def is_currency(stated: Any) -> bool:
    """Return whether it is a code of ISO 4217, in whatever capitals."""
    return isinstance(stated, str) and stated.strip().upper() in currencies()


def _currency(stated: Any, spellings: Spellings) -> str:
    if not is_currency(stated):
        raise EventRefused("properties.currency", NO_CURRENCY)
    return str(stated).strip().upper()


def _set_aside(stated: Any, spellings: Spellings) -> None:
    return None


def _item(stated: Any, spellings: Spellings) -> Any:
    if not isinstance(stated, str):
        return stated
    trimmed = stated.strip()
    return spellings.items.get(trimmed, trimmed)


def _items(stated: Any, spellings: Spellings) -> Any:
    return [_item(one, spellings) for one in stated] if isinstance(stated, list) else stated


def _category(stated: Any, spellings: Spellings) -> Any:
    if not isinstance(stated, str):
        return stated
    trimmed = stated.strip()
    return spellings.categories.get(trimmed.casefold(), trimmed)


def _country(stated: Any, spellings: Spellings) -> str | None:
    return country_code(stated, spellings.countries) if isinstance(stated, str) else None


RULES: Final[tuple[tuple[str, str, Callable[[Any, Spellings], Any]], ...]] = (
    ("properties", "item_id", _item),
    ("properties", "items", _items),
    ("properties", "category", _category),
    ("properties", "currency", _currency),
    ("properties", "currency_as_sent", _set_aside),
    ("context", "country", _country),
    ("traits", "country_code", _country),
)
