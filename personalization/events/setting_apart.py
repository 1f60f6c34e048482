"""What a refused event says directly of a person is sealed; the rest is kept to be looked at."""

import json
from typing import Any, Final

from personalization.events.keepable import MAX_DEPTH
from personalization.events.models import RefusedEvent
from personalization.vault.leaving_out import without_personal
from personalization.vault.sealed_columns import SealedColumn

SEALED: Final = SealedColumn(RefusedEvent, "sealed", purpose="refused events", named_by="digest")
# An address of a network leads to a person as one of a house does, and no replay looks it up.
NOT_KEPT: Final = frozenset({"ip"})


def whole(raw: Any) -> bytes:
    """Return all of the event that a replay needs, as JSON."""
    return json.dumps(_without(raw, names=NOT_KEPT)).encode()


def in_the_clear(raw: Any) -> bytes:
    """Return as JSON what says nobody's name, address or number, at whatever depth."""
    kept = without_personal(_without(raw, names=NOT_KEPT), path="", left_out=[])
    if isinstance(kept, dict):
        kept.pop("identifiers", None)
    return json.dumps(kept).encode()


def as_it_came(row: RefusedEvent) -> Any:
    """Return the event, with what was sealed of it; raises UnknownKey, Tampered."""
    return json.loads(SEALED.get(row) if row.sealed else bytes(row.payload))


def _without(value: Any, *, names: frozenset[str], depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, dict):
        return {
            name: _without(part, names=names, depth=depth + 1)
            for name, part in value.items()
            if str(name).lower() not in names
        }
    if isinstance(value, list):
        return [_without(part, names=names, depth=depth + 1) for part in value]
    return value
