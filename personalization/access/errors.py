"""One shape for every error: a list of fields and what to do about each."""

from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler


def as_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return `{"errors": [{"field", "message"}]}`; None lets Django answer with 500."""
    response = exception_handler(error, context)
    if response is not None:
        response.data = {"errors": list(_flatten(response.data, path=""))}
    return response


def _flatten(data: Any, *, path: str) -> Iterator[dict[str, str]]:
    if isinstance(data, Mapping):
        for name, value in data.items():
            below = path if name in {"detail", "non_field_errors"} else f"{path}.{name}".strip(".")
            yield from _flatten(value, path=below)
    elif isinstance(data, list):
        for value in data:
            yield from _flatten(value, path=path)
    else:
        yield {"field": path, "message": str(data)}
