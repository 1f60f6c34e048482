"""What several tests of segments stand on."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_key


@pytest.fixture
def call(client: Client) -> Callable[..., Any]:
    """Return a partner's call: call("PUT", path, body, **headers)."""
    key = make_key("segments")

    def ask(method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"Authorization": f"Api-Key {key}", **headers}
        act = getattr(client, method.lower())
        if method == "GET":
            return act(f"/api/v1/{path}", body or {}, headers=sent)
        return act(f"/api/v1/{path}", body, content_type="application/json", headers=sent)

    return ask
