"""Who stated a trait, when, on what ground, and until when it may be used.

An entry of `facts["provenance"]` is [source, epoch seconds]; what a third party stated is
[source, epoch seconds, basis, expires], with `expires` in epoch seconds or None. Entries made
before microseconds were kept are of whole seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from personalization.profiles.facts import Facts

# Only what came in as enrichment has terms; in the context of other events the word means nothing.
ENRICHMENT: Final = "enrichment"
ENTRY_WITH_TERMS: Final = 4

Terms = Mapping[str, Any]  # {"basis": text, "expires": {trait: epoch seconds}}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a trait comes from; `basis` is empty for what was stated to us directly."""

    source: str
    stated_at: datetime
    basis: str = ""
    expires_at: datetime | None = None


def terms_of(source: str, context: Mapping[str, Any]) -> Terms | None:
    """Return the terms that an event's traits are subject to."""
    stated = context.get("terms") if source == ENRICHMENT else None
    return stated if isinstance(stated, Mapping) else None


def entry(source: str, seconds: float, *, trait: str, terms: Terms | None) -> list[Any]:
    """Return the entry of a trait."""
    if terms is None:
        return [source, seconds]
    return [source, seconds, terms.get("basis", ""), terms.get("expires", {}).get(trait)]


def provenance_of(facts: Facts) -> dict[str, Provenance]:
    """Return where each trait comes from."""
    return {trait: _read(stated) for trait, stated in facts.get("provenance", {}).items()}


def drop_expired(facts: Facts, *, now: datetime) -> bool:
    """Remove traits that may not be used any more, in place; return whether there were any."""
    seconds = now.timestamp()
    expired = [
        trait
        for trait, stated in facts.get("provenance", {}).items()
        if len(stated) == ENTRY_WITH_TERMS and stated[-1] is not None and stated[-1] <= seconds
    ]
    for trait in expired:
        facts["traits"].pop(trait, None)
        del facts["provenance"][trait]
        facts.get("ranks", {}).pop(trait, None)
    return bool(expired)


def _read(stated: list[Any]) -> Provenance:
    source, seconds, *terms = stated
    basis, expires = terms if terms else ("", None)
    return Provenance(
        source, _moment(seconds), basis, None if expires is None else _moment(expires)
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
