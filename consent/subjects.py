"""Who a choice, a request or an event is about, without saying so in the clear."""

import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Self

from django.conf import settings

# The first names a person best.
KINDS: Final = ("user", "crm", "email", "phone", "device", "anonymous")
CALLING_ABROAD: Final = re.compile(r"^00(?=[1-9])")


def _digits(phone: str) -> str:
    """Return the number without blanks and signs; 00 and + both begin a country's."""
    return CALLING_ABROAD.sub("+", re.sub(r"(?!^\+)\D", "", phone.strip()))


# What is compared: e-mail addresses without case, as mail providers do; phones without spelling.
COMPARED: Final[Mapping[str, Callable[[str], str]]] = {
    "email": lambda value: value.strip().lower(),
    "phone": _digits,
}
# What is none of its kind, such as "unknown" for a phone, is compared as next to nothing:
# taken for an identifier it would make one person of all who were said to have it.
FEWEST_DIGITS: Final = 5
ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")
NO_IDENTIFIER: Final[Mapping[str, str]] = {
    "email": "Use an e-mail address, such as anna@example.org, or leave the field out.",
    "phone": "Use a phone number, such as +44 20 7946 0018, or leave the field out.",
}
# Digests that a process remembers, since a visitor comes with many events in a row. Only of names
# that a shop or browser gave; addresses are worked out anew and stay nowhere.
REMEMBERED: Final = 20_000
REMEMBERED_KINDS: Final = frozenset({"user", "anonymous"})
LONGEST_REMEMBERED: Final = 128


class NoIdentifier(ValueError):
    """The value is none of its kind; the message says what to do, and does not repeat the value."""

    def __init__(self, kind: str) -> None:
        super().__init__(NO_IDENTIFIER.get(kind, "Use a text that names somebody."))
        self.kind = kind


def can_name(kind: str, value: str) -> bool:
    """Return whether this can be an identifier of the kind at all."""
    if kind == "email":
        return ADDRESS.fullmatch(value.strip()) is not None
    if kind == "phone":
        digits = [sign for sign in value if sign.isdecimal()]
        return len(digits) >= FEWEST_DIGITS and len(set(digits)) > 1  # (000) 000-0000 is nobody's
    return bool(value.strip())


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """One name a person goes by; `kind` is one of KINDS. Raises NoIdentifier where it is none."""

    kind: str
    value: str

    def __post_init__(self) -> None:
        """Refuse what would be compared as next to nothing."""
        if not can_name(self.kind, self.value):
            raise NoIdentifier(self.kind)

    @property
    def pseudonym(self) -> str:
        """A keyed digest, 32 hexadecimal digits: equal for equal identifiers, not reversible."""
        return _pseudonym(self.kind, self.value, settings.PSEUDONYM_KEY)


@dataclass(frozen=True, slots=True)
class Subject:
    """The identifiers under which one person speaks in one request or event."""

    identifiers: tuple[Identifier, ...]

    @classmethod
    def of(
        cls,
        *,
        anonymous_id: str | None = None,
        user_id: str | None = None,
        email: str | None = None,
    ) -> Self:
        """Return the subject that has these identifiers; empty ones are left out.

        Raises NoIdentifier.
        """
        stated: Iterable[tuple[str, str | None]] = (
            ("anonymous", anonymous_id),
            ("user", user_id),
            ("email", email),
        )
        return cls(
            tuple(Identifier(kind, value) for kind, value in stated if value and value.strip())
        )

    @property
    def pseudonyms(self) -> tuple[str, ...]:
        """The pseudonym of each identifier, in their order."""
        return tuple(identifier.pseudonym for identifier in self.identifiers)


def named(stated: Iterable[tuple[str, Any]]) -> Iterator[Identifier]:
    """Yield the identifiers among (kind, value); what can be none names nobody, and is left out."""
    for kind, value in stated:
        if isinstance(value, str) and can_name(kind, value):
            yield Identifier(kind, value)


def pseudonyms_of_many(people: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Return for each (anonymous id, user id) what `Subject.of(...).pseudonyms` are."""
    key = settings.PSEUDONYM_KEY
    found: list[tuple[str, ...]] = []
    for anonymous_id, user_id in people:
        anonymous = (_pseudonym("anonymous", anonymous_id, key),) if anonymous_id else ()
        user = (_pseudonym("user", user_id, key),) if user_id else ()
        found.append(anonymous + user)
    return found


def _pseudonym(kind: str, value: str, key: str) -> str:
    is_remembered = kind in REMEMBERED_KINDS and len(value) <= LONGEST_REMEMBERED
    return (_remembered_digest if is_remembered else _digest)(kind, value, key)


def _digest(kind: str, value: str, key: str) -> str:
    message = f"{kind}:{COMPARED.get(kind, str)(value)}"
    return hmac.digest(key.encode(), message.encode(), "sha256").hex()[:32]


_remembered_digest: Final = lru_cache(maxsize=REMEMBERED)(_digest)
