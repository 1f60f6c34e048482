"""The one document of all that visitors can meet, and what of it changes."""

from collections.abc import Mapping
from typing import Any, Final

from personalization.segments.models import Publication

SECTIONS: Final = ("segments", "activities", "placements")

Document = dict[str, dict[str, Any]]
# (section, key) to the new definition; None takes it offline.
Changes = Mapping[tuple[str, str], dict[str, Any] | None]


def latest_publication() -> Publication | None:
    """Return the publication that is live, read from PostgreSQL."""
    return Publication.objects.order_by("-version").first()


def document_of(publication: Publication | None) -> Document:
    """Return everything of a publication, every section there; empty without one."""
    stored = publication.document if publication else {}
    return {section: dict(stored.get(section, {})) for section in SECTIONS}


def with_changes(document: Document, changes: Changes) -> Document:
    """Return a copy of the document with these definitions in it."""
    copy = {section: dict(entries) for section, entries in document.items()}
    for (section, key), definition in changes.items():
        _put(copy[section], key, definition)
    return copy


def changed_paths(before: Document, after: Document) -> list[str]:
    """Return what differs, as "segments/high-value"."""
    return [
        f"{section}/{key}"
        for section in SECTIONS
        for key in sorted({*before[section], *after[section]})
        if before[section].get(key) != after[section].get(key)
    ]


def place_of(path: str) -> tuple[str, str]:
    """Return section and key of a path such as "segments/high-value"."""
    section, _, key = path.partition("/")
    return section, key


def entry_at(document: Document, path: str) -> dict[str, Any] | None:
    """Return the definition at a path; None where there is none."""
    section, key = place_of(path)
    return document[section].get(key)


def _put(entries: dict[str, Any], key: str, definition: dict[str, Any] | None) -> None:
    if definition is None:
        entries.pop(key, None)
    else:
        entries[key] = definition
