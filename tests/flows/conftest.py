"""A small shop with taste: two categories, a segment for each, and visitors who agreed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_item, make_key


@pytest.fixture
def partner(db: None, client: Client) -> Callable[..., Any]:
    """Return a partner's call: partner("POST", path, body)."""
    key = make_key(
        "events",
        "decisions",
        "consent",
        "privacy",
        vouched=("analytics", "personalization", "training"),
    )
    headers = {"Authorization": f"Api-Key {key}"}

    def call(method: str, path: str, body: Any = None) -> Any:
        if method == "GET":
            return client.get(path, body or {}, headers=headers)
        return client.post(path, body, content_type="application/json", headers=headers)

    return call


@pytest.fixture
def shop(db: None) -> None:
    """Put four lanterns and four bags on the shelves."""
    for n in range(4):
        make_item(f"L{n}", name=f"Lantern {n}", category="lanterns")
        make_item(f"B{n}", name=f"Bag {n}", category="bags")
