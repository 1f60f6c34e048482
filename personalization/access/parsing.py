"""Read a JSON body strictly: bounded, without duplicate keys, NaN or NUL bytes."""

import json
import re
from typing import IO, Any, Final

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_DEPTH: Final = 20
LARGEST_INTEGER: Final = 2**63
SURROGATE: Final = re.compile("[\ud800-\udfff]")


class BodyTooLarge(APIException):
    """The body is larger than the API reads."""

    status_code = 413
    default_detail = "The body is too large."
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """Parse a JSON body of at most `settings.EVENT_BATCH_BYTES` bytes."""

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
        return parse_json(body)


def parse_json(body: bytes) -> Any:
    """Return the decoded JSON; raises ParseError on anything a strict reader refuses."""
    try:
        data = json.loads(body, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"The body is not valid JSON: {error}") from error
    _refuse_what_cannot_be_kept(data)
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _refuse_what_cannot_be_kept(data: Any) -> None:
    level = [data]
    for _ in range(MAX_DEPTH):
        for value in level:
            _refuse_scalar(value)
        level = [part for value in level for part in _parts(value)]
        if not level:
            return
    raise ParseError(f"The body is nested deeper than {MAX_DEPTH} levels.")


def _refuse_scalar(value: Any) -> None:
    if isinstance(value, str) and not value.isascii() and SURROGATE.search(value):
        raise ParseError("A text contains half of a surrogate pair.")
    if isinstance(value, str) and "\x00" in value:
        raise ParseError("A text contains a NUL byte.")
    if isinstance(value, int) and not -LARGEST_INTEGER <= value < LARGEST_INTEGER:
        raise ParseError("A whole number does not fit into 64 bits. Send it as a text.")


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []
