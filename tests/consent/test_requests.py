"""Erasure: every store is erased and read back, whatever happens on the way."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from consent import tasks
from consent.checking import choices_of, suppressed_since_many
from consent.models import (
    Consent,
    ConsentRecord,
    PrivacyRequest,
    PrivacyRequestTransition,
    Receipt,
    Suppression,
)
from consent.models.requests import MoveRefused
from consent.receipts import broken_receipts
from consent.recording import record_choices
from consent.requests import (
    LEASE,
    MAX_ATTEMPTS,
    confirm_identity,
    fulfil,
    open_request,
    run_again,
    stale_requests,
)
from consent.stores import Person, personal_data_stores
from consent.subjects import Identifier, Subject

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
LATER = NOON + LEASE
ANNA = Subject.of(user_id="anna")
BROWSER = Subject.of(anonymous_id="b1")
EVERYTHING = "consent.choices_store.ChoicesStore"


class FakeStore:
    """Remembers how many records it holds, and fails when told to."""

    name = "fake"
    covers: frozenset[str] = frozenset()
    exceptions = ("Invoices stay for ten years.",)
    held = 0
    erased_by_each_try = 100
    fault: BaseException | None = None
    seen: list[Person] = []

    def count(self, person: Person) -> int:
        return type(self).held

    def export(self, person: Person) -> Iterable[Mapping[str, Any]]:
        return ()

    def erase(self, person: Person) -> Mapping[str, Any]:
        type(self).seen.append(person)
        if type(self).fault:
            raise type(self).fault
        gone = min(self.erased_by_each_try, type(self).held)
        type(self).held -= gone
        return {"erased": gone}


def resolve(pseudonyms: frozenset[str]) -> Person:
    linked = set(ANNA.pseudonyms) | set(BROWSER.pseudonyms)
    return Person(pseudonyms | linked, frozenset({7}))


@pytest.fixture(autouse=True)
def store(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> type[FakeStore]:
    monkeypatch.setattr(FakeStore, "held", 3)
    monkeypatch.setattr(FakeStore, "fault", None)
    monkeypatch.setattr(FakeStore, "seen", [])
    monkeypatch.setattr(FakeStore, "erased_by_each_try", 100)
    settings.PERSONAL_DATA_STORES = [EVERYTHING, f"{__name__}.FakeStore"]
    settings.PERSON_RESOLVER = f"{__name__}.resolve"
    monkeypatch.setattr("consent.requests.personal_data_stores", stores)
    monkeypatch.setattr("consent.requests.resolve_person", lambda some: resolve(frozenset(some)))
    return FakeStore


def stores() -> tuple[Any, ...]:
    return (personal_data_stores.__wrapped__()[0] if False else _choices_store(), FakeStore())


def _choices_store() -> Any:
    from consent.choices_store import ChoicesStore  # noqa: PLC0415

    return ChoicesStore()
