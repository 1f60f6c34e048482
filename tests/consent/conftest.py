"""What several tests of this room stand on."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from consent.stores import personal_data_stores
from tests.consent.erasing import EVERYTHING, FakeStore


@pytest.fixture
def store(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeStore]]:
    fresh: dict[str, Any] = {"held": 3, "fault": None, "seen": [], "erased_by_each_try": 100}
    for name, value in fresh.items():
        monkeypatch.setattr(FakeStore, name, value)
    settings.PERSONAL_DATA_STORES = [EVERYTHING, "tests.consent.erasing.FakeStore"]
    settings.PERSON_RESOLVER = "tests.consent.erasing.resolve"
    personal_data_stores.cache_clear()
    yield FakeStore
    personal_data_stores.cache_clear()
