"""An erased address does not come back, unless its owner does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from consent.models import ConsentRecord
from consent.recording import record_choices
from consent.requests import fulfil, open_request
from consent.subjects import Identifier, Subject
from personalization.events.models import Event
from personalization.events.tracking import Tracked, track
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.vault.models import SealedValue, SubjectKey
from tests.factories import agree, make_event

pytestmark = pytest.mark.django_db
VOUCHED = ("analytics", "personalization")
ADDRESS = "anna@example.com"
Consume = Callable[[], None]


@pytest.fixture
def erased(consume: Consume) -> None:
    """Let Anna be known by an account and an address, and be erased."""
    agree(user_id="anna", now=timezone.now())
    send("anna")
    consume()
    assert SealedValue.objects.exists()
    request = open_request(
        type="erasure",
        subject=Subject.of(email=ADDRESS),
        opened_by="officer",
        verified=True,
        now=timezone.now(),
    )
    assert fulfil(request.pk, now=timezone.now()).state == "completed"
    assert nothing_is_kept()


def send(user_id: str, *, vouched: tuple[str, ...] = (), **identifiers: str) -> Tracked:
    traits = {} if identifiers else {"email": ADDRESS}
    event: dict[str, Any] = make_event(
        user_id=user_id,
        type="identify",
        traits=traits,
        identifiers=identifiers or None,
        occurred_at=timezone.now().isoformat(),
    )
    return track([event], now=timezone.now(), source="crm", vouched=vouched)


def nothing_is_kept() -> bool:
    tables = (Event, Profile, ProfileIdentifier, SealedValue, SubjectKey)
    return not any(table.objects.exists() for table in tables)


@pytest.mark.usefixtures("erased")
@pytest.mark.parametrize("identifiers", [{}, {"email": " Anna@Example.COM"}])
def test_an_erased_address_imported_under_a_new_id_is_refused(
    consume: Consume, identifiers: dict[str, str]
) -> None:
    tracked = send("crm-777", vouched=VOUCHED, **identifiers)
    consume()

    assert tracked.accepted == 0
    assert nothing_is_kept()
    stranger = Identifier("user", "crm-777").pseudonym
    assert not ConsentRecord.objects.filter(pseudonym=stranger).exists()


@pytest.mark.usefixtures("erased")
def test_nor_does_it_come_back_through_somebody_a_source_vouched_for(consume: Consume) -> None:
    track([make_event(user_id="crm-777")], now=timezone.now(), vouched=VOUCHED)
    tracked = send("crm-777", vouched=VOUCHED)
    consume()

    assert tracked.accepted == 0
    assert not SealedValue.objects.exists()
    assert not ProfileIdentifier.objects.filter(kind="email").exists()


@pytest.mark.usefixtures("erased")
def test_who_agrees_anew_comes_back_with_the_same_address(consume: Consume) -> None:
    later = timezone.now() + timedelta(seconds=1)
    record_choices(
        subject=Subject.of(user_id="anna-2"),
        choices=dict.fromkeys(VOUCHED, True),
        mechanism="banner",
        now=later,
    )
    tracked = send("anna-2")
    consume()

    assert tracked.accepted == 1
    assert SealedValue.objects.get().name == "email"


def test_what_waited_with_the_address_while_it_was_erased_is_dropped(consume: Consume) -> None:
    agree(user_id="anna", now=timezone.now())
    agree(user_id="crm-777", now=timezone.now())
    send("anna")
    consume()
    send("crm-777")
    request = open_request(
        type="erasure",
        subject=Subject.of(email=ADDRESS),
        opened_by="officer",
        verified=True,
        now=timezone.now(),
    )
    fulfil(request.pk, now=timezone.now())

    consume()

    assert nothing_is_kept()


@pytest.mark.usefixtures("erased")
def test_others_are_not_kept_away(consume: Consume) -> None:
    tracked = send("bert", vouched=VOUCHED, email="bert@example.com")
    consume()

    assert tracked.accepted == 1
    assert ProfileIdentifier.objects.filter(kind="email").count() == 1


def test_who_shares_a_device_with_an_erased_person_is_not_kept_away(consume: Consume) -> None:
    for user_id in ("anna", "bert"):
        agree(user_id=user_id, now=timezone.now())
    send("anna", device="tablet")
    consume()
    fulfil(
        open_request(
            type="erasure",
            subject=Subject.of(user_id="anna"),
            opened_by="officer",
            verified=True,
            now=timezone.now(),
        ).pk,
        now=timezone.now(),
    )

    tracked = send("bert", device="tablet")
    consume()

    assert tracked.accepted == 1
    assert Event.objects.count() == 1
