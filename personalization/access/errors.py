"""One shape for every error: a list of fields and what to do about each."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import InterfaceError, OperationalError
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler

logger = logging.getLogger(__name__)


class Unavailable(APIException):
    """A store is not reachable; the sender keeps what it has and tries again."""

    status_code = 503
    default_code = "unavailable"
    default_detail = "This cannot be answered right now. Send it again later."
    wait = 5  # seconds, sent as Retry-After


def as_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return `{"errors": [{"field", "message"}]}`; None lets Django answer with 500.

    A database that cannot be reached is no fault of the request: 503, to be sent again.
    """
    if isinstance(error, OperationalError | InterfaceError):
        logger.exception("The database cannot be reached.")
        error = Unavailable()
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
