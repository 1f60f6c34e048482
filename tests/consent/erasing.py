"""What tests of erasure share: a store that fails when told to, and short ways to ask."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_django import Settings

from consent.keyspaces import patient_redis_connection
from consent.models import (
    PrivacyRequest,
    Receipt,
)
from consent.recording import record_choices
from consent.requests import (
    LEASE,
    open_request,
)
from consent.stores import Person
from consent.subjects import Subject

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
        if fault := type(self).fault:
            raise fault
        gone = min(self.erased_by_each_try, type(self).held)
        type(self).held -= gone
        return {"erased": gone}


@contextmanager
def dead_redis(settings: Settings) -> Iterator[None]:
    alive, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    patient_redis_connection.cache_clear()
    yield
    settings.REDIS_URL = alive
    patient_redis_connection.cache_clear()


def resolve_nothing(pseudonyms: frozenset[str]) -> Person:
    return Person(pseudonyms, frozenset())


def resolve(pseudonyms: frozenset[str]) -> Person:
    linked = set(ANNA.pseudonyms) | set(BROWSER.pseudonyms)
    return Person(pseudonyms | linked, frozenset({7}))


def opened(*, subject: Subject = ANNA, verified: bool = True) -> PrivacyRequest:
    return open_request(
        type="erasure", subject=subject, opened_by="officer", verified=verified, now=NOON
    )


def states(request: PrivacyRequest) -> list[str]:
    return list(request.transitions.values_list("to_state", flat=True))


def agree(subject: Subject, *, now: datetime = NOON - timedelta(days=1)) -> None:
    record_choices(subject=subject, choices={"personalization": True}, mechanism="banner", now=now)


def of_store(receipt: Receipt, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in receipt.body["stores"] if one["name"] == name)
    return found
