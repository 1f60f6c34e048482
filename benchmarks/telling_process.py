"""The project's WSGI application, which says of each answer which process gave it."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from personalization.config.wsgi import application as ours

HEADER = "X-Process"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as the project does."""

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, (HEADER, str(os.getpid()))], *rest)

    return ours(environ, start)
