"""How the columns of a source become a person, as a mapping file in TOML says."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from consent.purposes import OPTIONAL
from personalization.connectors.converting import READ, Column, Scalar
from personalization.identifiers.kinds import current_kinds
from personalization.profiles.provenance import ENRICHMENT

SOURCE: Final = re.compile(r"[a-z][a-z0-9_]{0,15}")
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
LONGEST_BASIS: Final = 200
SECTIONS: Final = (
    "source",
    "key",
    "changed_at",
    "deleted",
    "identifiers",
    "traits",
    "consent",
    "event",
    "properties",
    "enrichment",
)
COLUMN_PARTS: Final = (
    "column",
    "constant",
    "as",
    "format",
    "decimal",
    "values",
    "expires_after_days",
)


class MappingError(ValueError):
    """The mapping cannot be used; the text names the place and says what to do."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}" if place else message)


@dataclass(frozen=True, slots=True)
class Enrichment:
    """On what ground a third party's statements are used, and for how long."""

    basis: str
    expires_after_days: int | None


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """A mapping, read and checked. `event` is None where rows state people only."""

    source: str
    key: Column
    identifiers: Mapping[str, Column]
    traits: Mapping[str, Column] = field(default_factory=dict)
    consent: Mapping[str, Column] = field(default_factory=dict)
    changed_at: Column | None = None
    deleted: Column | None = None
    event: Column | None = None
    properties: Mapping[str, Column] = field(default_factory=dict)
    enrichment: Enrichment | None = None

    @property
    def door(self) -> str:
        """The name that events and provenance bear."""
        return ENRICHMENT if self.enrichment else self.source

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns that are read, each once, in the order of the mapping."""
        return tuple(self.places)

    @property
    def places(self) -> dict[str, str]:
        """Each column that is read, and the first place of the mapping that names it."""
        tables = ("identifiers", "traits", "consent", "properties")
        every = [(name, getattr(self, name)) for name in ("key", "changed_at", "deleted", "event")]
        every += [(f"{t}.{name}", one) for t in tables for name, one in getattr(self, t).items()]
        found: dict[str, str] = {}
        for place, column in every:
            if column and column.name:
                found.setdefault(column.name, place)
        return found


def read_mapping(text: str) -> SourceMapping:
    """Return the mapping that a TOML text states; raises MappingError for the first fault."""
    try:
        stated = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError("", f"The mapping is not TOML: {error}") from error
    _refuse_unknown(stated, SECTIONS, place="")
    kinds = current_kinds().keys
    mapping = SourceMapping(
        source=_source(stated),
        key=_needed(stated, "key"),
        identifiers=_table(stated, "identifiers", allowed=kinds),
        traits=_table(stated, "traits", shape=NAME),
        consent={
            purpose: replace(column, kind=column.kind or "boolean")
            for purpose, column in _table(stated, "consent", allowed=OPTIONAL).items()
        },
        changed_at=_moment(stated),
        deleted=_flag(stated),
        event=_event(stated),
        properties=_table(stated, "properties", shape=NAME),
        enrichment=_enrichment(stated),
    )
    if not mapping.identifiers:
        raise MappingError("identifiers", f"Name a column for one of {', '.join(kinds)}.")
    if mapping.properties and not mapping.event:
        raise MappingError("properties", 'Properties need an event: event = { constant = "..." }.')
    return mapping


def _source(stated: Mapping[str, Any]) -> str:
    source = stated.get("source", "crm")
    if not isinstance(source, str) or not SOURCE.fullmatch(source):
        raise MappingError("source", "Use at most 16 small letters, digits and underscores.")
    return source


def _needed(stated: Mapping[str, Any], place: str) -> Column:
    if place not in stated:
        raise MappingError(place, "Name the column that tells one row from another.")
    return _column(stated[place], place=place)


def _moment(stated: Mapping[str, Any]) -> Column | None:
    if "changed_at" not in stated:
        return None
    return replace(_column(stated["changed_at"], place="changed_at"), kind="time")


def _flag(stated: Mapping[str, Any]) -> Column | None:
    if "deleted" not in stated:
        return None
    column = _column(stated["deleted"], place="deleted")
    return replace(column, kind=column.kind or "boolean")


def _event(stated: Mapping[str, Any]) -> Column | None:
    return _column(stated["event"], place="event") if "event" in stated else None


def _enrichment(stated: Mapping[str, Any]) -> Enrichment | None:
    if ENRICHMENT not in stated:
        return None
    section = _section(stated, ENRICHMENT)
    _refuse_unknown(section, ("basis", "expires_after_days"), place=ENRICHMENT)
    basis = section.get("basis")
    if not isinstance(basis, str) or not 0 < len(basis.strip()) <= LONGEST_BASIS:
        message = f"Say under which licence or consent, in at most {LONGEST_BASIS} characters."
        raise MappingError(f"{ENRICHMENT}.basis", message)
    return Enrichment(basis.strip(), _days(section, place=ENRICHMENT))


def _table(
    stated: Mapping[str, Any],
    place: str,
    *,
    allowed: tuple[str, ...] = (),
    shape: re.Pattern[str] | None = None,
) -> dict[str, Column]:
    section = _section(stated, place)
    if allowed:
        _refuse_unknown(section, allowed, place=place)
    for name in section:
        if shape and not shape.fullmatch(name):
            wanted = "Use small letters, digits and underscores, a letter first."
            raise MappingError(f"{place}.{name}", wanted)
    return {name: _column(one, place=f"{place}.{name}") for name, one in section.items()}


def _section(stated: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    section = stated.get(place, {})
    if not isinstance(section, dict):
        raise MappingError(place, f"Use a table: [{place}].")
    return section


def _column(stated: Any, *, place: str) -> Column:
    if isinstance(stated, str) and stated.strip():
        return Column(name=stated.strip())
    if not isinstance(stated, dict):
        raise MappingError(place, 'Name a column, or use a table such as { column = "Plan" }.')
    _refuse_unknown(stated, COLUMN_PARTS, place=place)
    if ("column" in stated) == ("constant" in stated):
        raise MappingError(place, "Use either column or constant.")
    return Column(
        name=_text(stated, "column", place),
        constant=_scalar(stated.get("constant"), f"{place}.constant"),
        kind=_kind(stated, place),
        format=_text(stated, "format", place),
        decimal=_decimal(stated, place),
        values=_values(stated, place),
        expires_after_days=_days(stated, place=place),
    )


def _kind(stated: Mapping[str, Any], place: str) -> str:
    kind = _text(stated, "as", place)
    if kind not in READ:
        raise MappingError(f"{place}.as", f"Use one of {', '.join(filter(None, READ))}.")
    return kind


def _decimal(stated: Mapping[str, Any], place: str) -> str:
    sign = _text(stated, "decimal", place) or "."
    if sign not in (".", ","):
        raise MappingError(f"{place}.decimal", 'Use "." or ",".')
    return sign


def _values(stated: Mapping[str, Any], place: str) -> Mapping[str, Scalar]:
    table = stated.get("values", {})
    if not isinstance(table, dict):
        raise MappingError(f"{place}.values", 'Use a table such as { "Gold Member" = "gold" }.')
    return dict(_pairs(table, f"{place}.values"))


def _pairs(table: Mapping[str, Any], place: str) -> Iterator[tuple[str, Scalar]]:
    for name, value in table.items():
        read = _scalar(value, f"{place}.{name}")
        if read is not None:
            yield name, read


def _scalar(value: Any, place: str) -> Scalar | None:
    if value is not None and not isinstance(value, Scalar):
        raise MappingError(place, "Use a text, a number, true or false.")
    return value


def _text(stated: Mapping[str, Any], name: str, place: str) -> str:
    value = stated.get(name, "")
    if not isinstance(value, str):
        raise MappingError(f"{place}.{name}", "Use a text.")
    return value.strip()


def _days(stated: Mapping[str, Any], *, place: str) -> int | None:
    days = stated.get("expires_after_days")
    if days is not None and (not isinstance(days, int) or isinstance(days, bool) or days < 1):
        raise MappingError(f"{place}.expires_after_days", "Use a whole number of days above zero.")
    return days


def _refuse_unknown(stated: Mapping[str, Any], allowed: tuple[str, ...], *, place: str) -> None:
    unknown = sorted(set(stated) - set(allowed))
    if unknown:
        where = f"{place}.{unknown[0]}".lstrip(".")
        raise MappingError(where, f"There is no such entry. Use: {', '.join(allowed)}.")
