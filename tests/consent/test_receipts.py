"""Receipts prove what was done, and requests survive lost messages."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from kombu.exceptions import OperationalError
from pytest_django import Settings

from consent import tasks
from consent.checking import choices_of
from consent.models import (
    Receipt,
)
from consent.receipts import broken_receipts
from consent.recording import record_missing
from consent.requests import (
    confirm_identity,
    fulfil,
    stale_requests,
)
from tests.consent.erasing import (
    ANNA,
    BROWSER,
    LATER,
    NOON,
    FakeStore,
    agree,
    opened,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


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
        cursor.execute(f"DELETE FROM {table}")


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
