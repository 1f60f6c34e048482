"""The parts of a profile's page, and what stands in each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Card:
    """One part of the page; `key` is its anchor."""

    key: str
    title: str
    body: SafeString | str

    @classmethod
    def of(cls, key: str, title: str, **shown: Any) -> "Card":
        """Return the card that `templates/admin/profiles/profile/<key>.html` writes."""
        body = render_to_string(f"admin/profiles/profile/{key}.html", shown)
        return cls(key, title, SafeString(body))


@dataclass(frozen=True, slots=True)
class Cards:
    """Both columns; on a phone the second follows the first."""

    beside: Sequence[Card]
    main: Sequence[Card]


def labelled(name: str, labels: Mapping[str, str]) -> str:
    """Return the words for a name, or the name itself with blanks."""
    return labels.get(name, name.replace("_", " "))
