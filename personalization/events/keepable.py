"""Refuse what neither the stream nor PostgreSQL could keep."""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from personalization.access.parsing import StatedTwice

MAX_BYTES: Final = 32_768
LARGEST_INTEGER: Final = 2**63
MAX_DEPTH: Final = 20
SURROGATE: Final = re.compile("[\ud800-\udfff]")


class EventRefused(Exception):
    """The event is not accepted; `field` is a path such as `properties.price`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Rule:
    """What one field must be, and how to say so."""

    holds: Callable[[Any], bool]
    message: str


def refuse_unkeepable(raw: Mapping[str, Any]) -> None:
    """Refuse an event with a part that cannot be kept, naming where it stands.

    Raises EventRefused. The usual event is seen to be harmless by how it is written; only the
    others are gone through part by part.
    """
    if _is_plain(raw):
        return
    # The time has a rule of its own, which says more.
    _refuse_unstorable({n: part for n, part in raw.items() if n != "occurred_at"}, path="")
    _refuse_large(raw)


def _is_plain(raw: Mapping[str, Any]) -> bool:
    try:
        # Refuses numbers of more than 53 bits and halves of surrogate pairs.
        written = orjson.dumps(raw, option=orjson.OPT_STRICT_INTEGER)
    except TypeError:
        return False
    return (
        len(written) <= MAX_BYTES
        and written.count(b"{") + written.count(b"[") <= MAX_DEPTH
        and b"\\u0000" not in written
        and b"null" not in written  # as which an infinity is written
    )


def _refuse_unstorable(value: Any, *, path: str, depth: int = 0) -> None:
    """Refuse what PostgreSQL or the stream could not keep, naming where it stands."""
    if depth > MAX_DEPTH:
        raise EventRefused(path, f"The event is nested deeper than {MAX_DEPTH} levels.")
    for kind, rule in STORABLE:
        if isinstance(value, kind) and not rule.holds(value):
            raise EventRefused(path, rule.message)
    for place, part in _parts(value, path):
        _refuse_unstorable(part, path=place, depth=depth + 1)


STORABLE: Final[tuple[tuple[type, Rule], ...]] = (
    (
        str,
        Rule(
            lambda text: "\x00" not in text and (text.isascii() or not SURROGATE.search(text)),
            "The text has a NUL or half of a surrogate pair in it.",
        ),
    ),
    (StatedTwice, Rule(lambda _: False, "It is stated twice. Say it once.")),
    (float, Rule(math.isfinite, "The number is infinite, or none at all.")),
    (
        int,
        Rule(
            lambda number: -LARGEST_INTEGER <= number < LARGEST_INTEGER,
            "The number does not fit into 64 bits. Send it as a text.",
        ),
    ),
)


def _parts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield path, name
            yield f"{path}.{name}".lstrip("."), part
    elif isinstance(value, list):
        yield from ((f"{path}[{index}]", part) for index, part in enumerate(value))


def _refuse_large(raw: Mapping[str, Any]) -> None:
    # Only these three can be long; the check is spared for the usual short event.
    parts = [raw[name] for name in ("properties", "context", "traits") if raw.get(name)]
    if len(str(parts)) > MAX_BYTES / 4 and bytes_of(parts) > MAX_BYTES:
        raise EventRefused("properties", f"The event is over {MAX_BYTES:,} bytes. Send less in it.")


def bytes_of(value: Any) -> int:
    """Return the length of the value as JSON in UTF-8, without blanks."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(written.encode(errors="surrogatepass"))
