"""Erasure: every store is erased and read back, whatever happens on the way."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from kombu.exceptions import OperationalError
from pytest_django import Settings

from consent import tasks
from consent.checking import choices_of, suppressed_since_many
from consent.keyspaces import patient_redis_connection
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
from consent.recording import record_choices, record_missing
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


@pytest.fixture(autouse=True)
def store(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeStore]]:
    fresh: dict[str, Any] = {"held": 3, "fault": None, "seen": [], "erased_by_each_try": 100}
    for name, value in fresh.items():
        monkeypatch.setattr(FakeStore, name, value)
    settings.PERSONAL_DATA_STORES = [EVERYTHING, f"{__name__}.FakeStore"]
    settings.PERSON_RESOLVER = f"{__name__}.resolve"
    personal_data_stores.cache_clear()
    yield FakeStore
    personal_data_stores.cache_clear()


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


def test_an_erasure_goes_through_its_states_and_ends_with_a_receipt(store: type[FakeStore]) -> None:
    agree(ANNA)
    agree(BROWSER)

    request = fulfil(opened().pk, now=NOON)

    assert states(request) == ["received", "verified", "processing", "verifying", "completed"]
    receipt = Receipt.objects.get()
    assert (of_store(receipt, "fake")["before"], of_store(receipt, "fake")["after"]) == (3, 0)
    assert of_store(receipt, "fake")["remarks"] == {"erased": 3}
    assert of_store(receipt, "fake")["exceptions"] == ["Invoices stay for ten years."]
    assert (of_store(receipt, "choices")["before"], of_store(receipt, "choices")["after"]) == (2, 0)
    assert store.seen == [resolve(frozenset(ANNA.pseudonyms))]


def test_the_whole_person_is_suppressed_and_has_no_choices_any_more() -> None:
    agree(ANNA)
    agree(BROWSER)

    fulfil(opened().pk, now=NOON)

    for subject in (ANNA, BROWSER):
        assert not choices_of(subject).stated
        assert suppressed_since_many(subject.pseudonyms) == [NOON.timestamp()]
    assert Suppression.objects.count() == 2
    assert ConsentRecord.objects.count() == 2  # proof stays, and says so


def test_no_identifier_is_kept_in_the_clear() -> None:
    request = fulfil(opened(subject=Subject.of(email="anna@example.com")).pk, now=NOON)

    kept = json.dumps(
        [
            list(PrivacyRequest.objects.values()),
            list(PrivacyRequestTransition.objects.values()),
            [one.as_json() for one in Receipt.objects.all()],
        ],
        default=str,
    )
    assert "anna@example.com" not in kept
    assert request.person is None
    receipt = json.dumps(Receipt.objects.get().as_json())
    assert Identifier("email", "anna@example.com").pseudonym not in receipt


def test_an_account_forgets_its_choices(django_user_model: Any) -> None:
    anna = django_user_model.objects.create_user("anna")
    agree(ANNA)
    assert Consent.objects.for_user(anna).exists()

    fulfil(opened().pk, now=NOON)

    assert not Consent.objects.for_user(anna).exists()


def test_a_store_that_cannot_be_reached_makes_the_request_partial(
    store: type[FakeStore],
) -> None:
    store.fault = ConnectionError("anna@example.com is unreachable")

    request = fulfil(opened().pk, now=NOON)

    assert request.state == "partial"
    receipt = Receipt.objects.get()
    assert of_store(receipt, "fake")["fault"] == "ConnectionError"
    assert "anna" not in json.dumps(receipt.as_json())


def test_redis_down_makes_the_request_partial(settings: Settings) -> None:
    request = opened()
    with dead_redis(settings):
        request = fulfil(request.pk, now=NOON)

    assert request.state == "partial"
    receipt = Receipt.objects.get()
    assert of_store(receipt, "suppression")["fault"] == "ConnectionError"
    assert of_store(receipt, "choices")["after"] is None


def test_run_again_finds_the_person_though_the_first_run_erased_what_led_there(
    settings: Settings, store: type[FakeStore]
) -> None:
    store.fault = ConnectionError()
    request = fulfil(opened().pk, now=NOON)
    settings.PERSON_RESOLVER = f"{__name__}.resolve_nothing"
    store.fault = None

    run_again(request, by="officer", now=LATER)
    request = fulfil(request.pk, now=LATER)

    assert request.state == "completed"
    assert store.seen[-1] == resolve(frozenset())
    assert [one.body["outcome"] for one in Receipt.objects.all()] == ["partial", "completed"]
    assert request.person is None


def test_what_has_not_ended_badly_is_not_run_again() -> None:
    request = fulfil(opened().pk, now=NOON)

    with pytest.raises(MoveRefused):
        run_again(request, by="officer", now=LATER)


def test_a_store_that_empties_slowly_is_asked_again_until_it_is_empty(
    store: type[FakeStore],
) -> None:
    store.erased_by_each_try = 2

    request = fulfil(opened().pk, now=NOON)
    assert request.state == "verifying"
    request = fulfil(request.pk, now=NOON + timedelta(seconds=5))

    assert request.state == "completed"
    receipt = Receipt.objects.get()
    assert of_store(receipt, "fake")["before"] == 3
    assert of_store(receipt, "fake")["remarks"] == {"erased": 3}


def test_a_store_that_never_empties_makes_the_request_partial(store: type[FakeStore]) -> None:
    store.erased_by_each_try = 0
    request = opened()

    outcomes = [fulfil(request.pk, now=NOON).state for _ in range(MAX_ATTEMPTS + 1)]

    assert outcomes[-3:] == ["verifying", "partial", "partial"]
    assert of_store(Receipt.objects.get(), "fake")["after"] == 3


def test_a_killed_worker_is_resumed_and_one_receipt_is_issued(
    settings: Settings, store: type[FakeStore]
) -> None:
    agree(ANNA)
    agree(BROWSER)
    request = opened()
    store.fault = SystemExit()
    with pytest.raises(SystemExit):
        fulfil(request.pk, now=NOON)
    assert not choices_of(ANNA).stated  # the first store was erased, the second was not
    store.fault = None
    settings.PERSON_RESOLVER = f"{__name__}.resolve_nothing"

    assert fulfil(request.pk, now=NOON).state == "processing"  # it may be alive
    assert list(stale_requests(now=LATER)) == [request]
    for _ in range(2):
        request = fulfil(request.pk, now=LATER)

    assert request.state == "completed"
    receipt = Receipt.objects.get()
    assert of_store(receipt, "choices")["before"] == 2  # as it was before the first attempt
    assert of_store(receipt, "fake")["before"] == 3
    assert store.seen[-1] == resolve(frozenset())


def test_a_worker_that_was_taken_for_dead_writes_nothing_any_more(store: type[FakeStore]) -> None:
    request = opened()
    erase = FakeStore.erase

    def overtaken(self: FakeStore, person: Person) -> Mapping[str, Any]:
        store.erase = erase  # type: ignore[method-assign]
        fulfil(request.pk, now=LATER)
        return {"erased": 1_000}

    store.erase = overtaken  # type: ignore[method-assign]
    try:
        request = fulfil(request.pk, now=NOON)
    finally:
        store.erase = erase  # type: ignore[method-assign]

    assert request.state == "completed"
    assert of_store(Receipt.objects.get(), "fake")["remarks"] == {"erased": 3}
    assert states(request)[-1] == "completed"


def test_a_request_that_breaks_off_every_time_fails_and_says_so(store: type[FakeStore]) -> None:
    request = opened()
    store.fault = SystemExit()
    for attempt in range(MAX_ATTEMPTS):
        with pytest.raises(SystemExit):
            fulfil(request.pk, now=NOON + attempt * LEASE)

    request = fulfil(request.pk, now=NOON + MAX_ATTEMPTS * LEASE)

    assert request.state == "failed"
    assert request.transitions.last().note == f"Broke off {MAX_ATTEMPTS} times"  # type: ignore[union-attr]


def test_nothing_is_erased_before_the_identity_is_confirmed(store: type[FakeStore]) -> None:
    request = opened(verified=False)
    assert fulfil(request.pk, now=LATER).state == "received"
    assert not stale_requests(now=LATER)
    assert store.held == 3

    confirm_identity(request, by="officer", now=LATER)

    assert fulfil(request.pk, now=LATER).state == "completed"


def test_receipts_form_a_chain_signed_with_a_key_of_its_own(settings: Settings) -> None:
    for _ in range(3):
        fulfil(opened().pk, now=NOON)
    first, second, third = Receipt.objects.order_by("pk")
    assert second.previous_hash == first.hash
    assert third.previous_hash == second.hash
    assert list(broken_receipts()) == []
    call_command("check_receipts", stdout=None)

    settings.RECEIPT_KEY = "another key"
    assert len(list(broken_receipts())) == 3
    with pytest.raises(CommandError):
        call_command("check_receipts")


def test_a_receipt_that_was_changed_behind_our_back_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consent_receipt DISABLE TRIGGER append_only")
    fulfil(opened().pk, now=NOON)
    fulfil(opened().pk, now=NOON)
    Receipt.objects.filter(pk=Receipt.objects.earliest("pk").pk).update(body={"stores": []})
    assert [one.split(" ", 2)[2] for one in broken_receipts()] == [
        "was changed after it was issued."
    ]

    Receipt.objects.earliest("pk").delete()

    assert [one.split(" ", 2)[2] for one in broken_receipts()] == [
        "does not follow the receipt before it."
    ]


@pytest.mark.parametrize("table", ["consent_receipt", "consent_privacyrequesttransition"])
def test_receipts_and_the_audit_cannot_be_changed(table: str) -> None:
    fulfil(opened().pk, now=NOON)

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608


def test_an_import_cannot_bring_an_erased_person_back() -> None:
    agree(ANNA)
    fulfil(opened().pk, now=NOON)
    record_missing(subjects=[ANNA, BROWSER], purposes=["analytics"], mechanism="API", now=LATER)

    assert not choices_of(ANNA).stated
    assert not choices_of(BROWSER).stated


def test_a_lost_message_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, store: type[FakeStore]
) -> None:
    request = opened()
    queued: list[str] = []
    monkeypatch.setattr(
        tasks.fulfil_request, "apply_async", lambda args, **kwargs: queued.append(args[0])
    )

    tasks.resume_requests()
    assert queued == [str(request.pk)]
    tasks.fulfil_request(queued[0])

    request.refresh_from_db()
    assert request.state == "completed"


def test_without_a_broker_the_request_waits_in_its_row(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.fulfil_request, "apply_async", refuse)

    tasks.enqueue(opened())

    assert "will be resumed" in caplog.text


def test_a_task_asks_again_while_something_is_left(
    monkeypatch: pytest.MonkeyPatch, store: type[FakeStore]
) -> None:
    store.erased_by_each_try = 1
    queued: list[float] = []
    monkeypatch.setattr(
        tasks.fulfil_request,
        "apply_async",
        lambda args, **kwargs: queued.append(kwargs["countdown"]),
    )

    tasks.fulfil_request(str(opened().pk))

    assert queued == [tasks.ASK_AGAIN_AFTER_SECONDS]
