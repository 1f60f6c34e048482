"""What a connector is: a registered class that knows how to ask one kind of system."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import requests
from django import forms

from personalization.connectors.mapping import SourceMapping


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, and the cursor from which to go on once they are taken in; empty: none yet."""

    records: Sequence[Mapping[str, Any]]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a connector is given: the settings of its form, the secret, and the mapping."""

    settings: Mapping[str, Any]
    secret: str = field(repr=False)
    mapping: SourceMapping
    session: requests.Session


class Connector:
    """One kind of source. Subclass it, decorate it with `register`, and it is in the admin.

    `key` is kept with each connection, `title` shown; `form` asks for the settings, `secret_help`
    says what the secret is. A source that calls us itself has `is_asked` False and no `fetch`.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    form: ClassVar[type[forms.Form]]
    secret_help: ClassVar[str] = ""
    is_asked: ClassVar[bool] = True

    def completed(self, mapping: SourceMapping) -> SourceMapping:
        """Return the mapping with what every source of this kind states."""
        return mapping

    def fetch(self, asked: Asked, *, since: str) -> Iterator[Page]:
        """Yield what changed after the cursor, oldest first; "" is from the beginning.

        Raises SourceFailed; what was yielded before is kept.
        """
        raise NotImplementedError


CONNECTORS: Final[dict[str, Connector]] = {}


def register(connector: type[Connector]) -> type[Connector]:
    """Make a connector known; a key that is taken raises ValueError."""
    if connector.key in CONNECTORS:
        raise ValueError(f"There is a connector {connector.key!r} already.")
    CONNECTORS[connector.key] = connector()
    return connector
