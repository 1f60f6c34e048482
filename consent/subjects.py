"""Who a choice, a request or an event is about, without saying so in the clear."""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from django.conf import settings

# The first names a person best.
KINDS: Final = ("user", "crm", "email", "phone", "device", "anonymous")
# What is compared: e-mail addresses without case, as mail providers do; phones without spelling.
COMPARED: Final[Mapping[str, Callable[[str], str]]] = {
    "email": lambda value: value.strip().lower(),
    "phone": lambda value: re.sub(r"(?!^\+)\D", "", value.strip()),
}
# Digests that a process remembers, since a visitor comes with many events in a row. Only of names
# that a shop or browser gave; addresses are worked out anew and stay nowhere.
REMEMBERED: Final = 20_000
REMEMBERED_KINDS: Final = frozenset({"user", "anonymous"})
LONGEST_REMEMBERED: Final = 128


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """One name a person goes by; `kind` is one of KINDS."""

    kind: str
    value: str

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
        """Return the subject that has these identifiers; empty ones are left out."""
        stated: Iterable[tuple[str, str | None]] = (
            ("anonymous", anonymous_id),
            ("user", user_id),
            ("email", email),
        )
        return cls(tuple(Identifier(kind, value) for kind, value in stated if value))

    @property
    def pseudonyms(self) -> tuple[str, ...]:
        """The pseudonym of each identifier, in their order."""
        return tuple(identifier.pseudonym for identifier in self.identifiers)


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
