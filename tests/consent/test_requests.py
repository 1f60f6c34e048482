"""Erasure: every store is erased and read back, whatever happens on the way."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

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
from consent.requests import (
    LEASE,
    MAX_ATTEMPTS,
    fulfil,
    run_again,
    stale_requests,
)
from consent.stores import Person
from consent.subjects import Identifier, Subject
from tests.consent.erasing import (
    ANNA,
    BROWSER,
    LATER,
    NOON,
    FakeStore,
    agree,
    dead_redis,
    of_store,
    opened,
    resolve,
    states,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


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
    settings.PERSON_RESOLVER = "tests.consent.erasing.resolve_nothing"
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
    settings.PERSON_RESOLVER = "tests.consent.erasing.resolve_nothing"

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
