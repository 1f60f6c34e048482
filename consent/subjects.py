"""Who a choice, a request or an event is about, without saying so in the clear."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from django.conf import settings

# The first names a person best.
KINDS: Final = ("user", "crm", "email", "phone", "device", "anonymous")
# What is compared: e-mail addresses without case, as mail providers do; phones without spelling.
COMPARED: Final[Mapping[str, Callable[[str], str]]] = {
    "email": lambda value: value.strip().lower(),
    "phone": lambda value: re.sub(r"(?!^\+)\D", "", value.strip()),
}


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """One name a person goes by; `kind` is one of KINDS."""

    kind: str
    value: str

    @property
    def pseudonym(self) -> str:
        """A keyed digest, 32 hexadecimal digits: equal for equal identifiers, not reversible."""
        value = COMPARED.get(self.kind, str)(self.value)
        message = f"{self.kind}:{value}".encode()
        return hmac.digest(settings.PSEUDONYM_KEY.encode(), message, hashlib.sha256).hex()[:32]


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
