"""Read a JSON body strictly: bounded, without duplicate keys, NaN or NUL bytes."""

import json
import math
import re
from collections.abc import Iterable
from typing import IO, Any, Final, Self

import jiter
from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_DEPTH: Final = 20
# Of a batch one part may be nested deeper, and is refused alone; beyond this it is no honest one.
DEEPEST: Final = 500
HOLDERS: Final = (dict, list)
LARGEST_INTEGER: Final = 2**63
# Escapes, exponents and long numbers: bodies without them hold no NUL, infinity or huge integer.
ODD: Final = re.compile(rb"\\u|\d[eE]|\d{16}")


class BodyTooLarge(APIException):
    """The body is larger than the API reads."""

    status_code = 413
    default_detail = "The body is too large."
    default_code = "too_large"


class StatedTwice(float):
    """Stands where a name is stated twice in one object: no number, so that no rule lets it in."""

    def __new__(cls) -> Self:
        """Return one; which of the values was meant cannot be known."""
        return super().__new__(cls, "nan")


class StrictJSONParser(BaseParser):
    """Parse a JSON body of at most `settings.EVENT_BATCH_BYTES` bytes.

    A view whose `refuses_part_by_part` is true is given what cannot be kept as well, to name the
    part that it is in.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        """Return the decoded body; raises BodyTooLarge or ParseError naming the fault."""
        body = stream.read(settings.EVENT_BATCH_BYTES + 1)
        if len(body) > settings.EVENT_BATCH_BYTES:
            raise BodyTooLarge(
                f"The body is over {settings.EVENT_BATCH_BYTES:,} bytes. Send less at once."
            )
        return self.decode(body, view=(parser_context or {}).get("view"))

    def decode(self, body: bytes, *, view: Any) -> Any:
        """Return the decoded body; raises ParseError."""
        is_patient = getattr(view, "refuses_part_by_part", False)
        return parse_json_of_parts(body) if is_patient else parse_json(body)


class EventsParser(StrictJSONParser):
    """Leave what cannot be kept to those who examine event by event, and name the one it is in."""

    def decode(self, body: bytes, *, view: Any) -> Any:
        """Return the decoded body; raises ParseError."""
        return parse_json_of_parts(body)


def parse_json(body: bytes) -> Any:
    """Return the decoded JSON; raises ParseError on anything a strict reader refuses."""
    data = _decoded(body)
    _refuse_what_cannot_be_kept(data, has_oddities=bool(ODD.search(body)))
    return data


def parse_json_of_parts(body: bytes) -> Any:
    """Return the decoded JSON with all that cannot be kept still in it, for others to refuse.

    A name stated twice has the value StatedTwice; bytes that are no UTF-8 are halves of surrogate
    pairs. Raises ParseError on what is no JSON, or nested beyond all measure.
    """
    try:
        return _decoded(body)
    except ParseError:  # seldom, so that the usual body is read fast
        return _read_on(body)


def _read_on(body: bytes) -> Any:
    try:
        data = json.loads(
            body.decode(errors="surrogateescape"), object_pairs_hook=_each_once, parse_int=_whole
        )
    except (ValueError, RecursionError) as error:
        raise ParseError(f"The body is not valid JSON: {error}") from error
    _refuse_depth(data, deepest=DEEPEST)
    return data


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, value in pairs:
        read[name] = StatedTwice() if name in read else value
    return read


def _whole(digits: str) -> int | float:
    try:
        return int(digits)
    except ValueError:  # thousands of digits
        return math.inf


def _refuse_depth(data: Any, *, deepest: int) -> None:
    level = [data]
    for _ in range(deepest):
        parts = (part for held in level for part in _values(held))
        level = [part for part in parts if isinstance(part, HOLDERS)]
        if not level:
            return
    raise ParseError(f"The body is nested deeper than {deepest} levels.")


def _values(holder: Any) -> Iterable[Any]:
    return holder.values() if isinstance(holder, dict) else holder


def _decoded(body: bytes) -> Any:
    try:
        return jiter.from_json(
            body, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys"
        )
    except ValueError as error:
        raise ParseError(f"The body is not valid JSON: {error}") from error


def _refuse_what_cannot_be_kept(data: Any, *, has_oddities: bool) -> None:
    level = [data]
    for _ in range(MAX_DEPTH):
        if has_oddities:
            for value in level:
                _refuse_scalar(value)
        parts = (part for held in level if isinstance(held, HOLDERS) for part in _parts(held))
        # Without oddities only the depth is asked, and only what holds something adds to it.
        level = [part for part in parts if has_oddities or isinstance(part, HOLDERS)]
        if not level:
            return
    raise ParseError(f"The body is nested deeper than {MAX_DEPTH} levels.")


def _refuse_scalar(value: Any) -> None:
    if isinstance(value, str) and "\x00" in value:
        raise ParseError("A text contains a NUL byte.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ParseError("A number is too large to be one.")
    if isinstance(value, int) and not -LARGEST_INTEGER <= value < LARGEST_INTEGER:
        raise ParseError("A whole number does not fit into 64 bits. Send it as a text.")


def _parts(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return (*value.keys(), *value.values()) if isinstance(value, dict) else value
