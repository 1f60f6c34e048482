"""Line 4: a deletion, from the request to the receipt, over every real store."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from consent.keyspaces import patient_redis_connection
from consent.models import PrivacyRequest
from consent.requests import fulfil
from consent.subjects import Identifier, Subject
from personalization.events.models import Event
from personalization.profiles.models import Profile, ProfileIdentifier
from tests.factories import make_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna(shop: None, partner: Callable[..., Any], consume: Callable[[], None]) -> None:
    """Store two events of Anna's, leave a third waiting, and let Bert be there too."""
    partner("POST", "/api/v1/events", {"events": [make_event(), make_event(anonymous_id="phone")]})
    partner("POST", "/api/v1/events", make_event(user_id="bert"))
    consume()
    partner("POST", "/api/v1/events", make_event(anonymous_id="phone"))


def keys_of(user_id: str) -> list[bytes]:
    pseudonym = Identifier("user", user_id).pseudonym.encode()
    return [key for key in patient_redis_connection().scan_iter() if pseudonym in key]


def test_a_person_is_erased_everywhere_and_the_receipt_says_so(
    anna: None, partner: Callable[..., Any], consume: Callable[[], None]
) -> None:
    opened = partner("POST", "/api/v1/privacy/requests", {"type": "erasure", "user_id": "anna"})
    assert opened.status_code == 201
    request = PrivacyRequest.objects.get(pk=opened.json()["id"])

    fulfil(request.pk, now=timezone.now())
    consume()

    told = partner("GET", opened.json()["url"]).json()
    assert told["state"] == "completed"
    counts = {
        store["name"]: (store["before"], store["after"]) for store in told["receipt"]["stores"]
    }
    assert counts["events"] == (2, 0)
    assert counts["waiting events"] == (1, 0)
    assert counts["profiles"][0] > 0
    assert all(after == 0 for _, after in counts.values())
    assert "anna" not in str(told)
    assert Profile.objects.count() == 1
    assert Event.objects.count() == 1
    assert set(ProfileIdentifier.objects.values_list("pseudonym", flat=True)) == set(
        Subject.of(user_id="bert").pseudonyms
    )
    assert [key.split(b":")[0] for key in keys_of("anna")] == [b"suppressed"]


def test_an_erased_person_does_not_come_back_through_a_source_that_vouches(
    anna: None, partner: Callable[..., Any], consume: Callable[[], None]
) -> None:
    opened = partner("POST", "/api/v1/privacy/requests", {"type": "erasure", "user_id": "anna"})
    fulfil(PrivacyRequest.objects.get(pk=opened.json()["id"]).pk, now=timezone.now())

    answer = partner("POST", "/api/v1/events", make_event())
    consume()

    assert answer.json()["accepted"] == 0
    assert Profile.objects.count() == 1
