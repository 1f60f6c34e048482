"""What third parties say fills gaps, on stated ground, until its time is over."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.feed_lines import FeedLine
from consent.keyspaces import patient_redis_connection
from personalization.connectors.importing import Taking, import_profiles
from personalization.connectors.mapping import read_mapping
from personalization.events.models import Event
from personalization.events.tracking import track
from personalization.profiles.expiring import forget_expired
from personalization.profiles.facts import unpack
from personalization.profiles.models import Profile
from personalization.profiles.provenance import provenance_of
from personalization.profiles.rebuilding import rebuild_facts
from personalization.profiles.remembering import FACTS
from tests.factories import NOON, agree, make_event, make_key

pytestmark = pytest.mark.django_db
MAPPING = """
source = "acme"
key = "user"
[identifiers]
user = "user"
[traits]
income = "income"
home_owner = { column = "home_owner", expires_after_days = 10 }
[enrichment]
basis = "Acme data licence 2026, consent to advertising"
expires_after_days = 180
"""


@pytest.fixture
def enrich(consume: Callable[[], None]) -> Callable[..., None]:
    def run(**row: Any) -> None:
        agree(user_id="anna")
        taking = Taking(read_mapping(MAPPING), frozenset())
        lines = [FeedLine(1, {"user": "anna", **row})]
        import_profiles(lines, taking=taking, clock=lambda: NOON)
        consume()

    return run


def test_a_trait_says_who_stated_it_on_what_ground_and_until_when(
    enrich: Callable[..., None],
) -> None:
    enrich(income="high", home_owner=True)

    known = provenance_of(Profile.objects.get().facts)
    assert known["income"].source == "enrichment"
    assert known["income"].basis == "acme: Acme data licence 2026, consent to advertising"
    assert known["income"].expires_at == NOON + timedelta(days=180)
    assert known["home_owner"].expires_at == NOON + timedelta(days=10)


def test_what_the_person_stated_herself_is_not_overwritten(
    enrich: Callable[..., None], consume: Callable[[], None]
) -> None:
    agree(user_id="anna")
    said = make_event(type="identify", traits={"income": "low"}, occurred_at="2026-01-01T00:00:00Z")
    track([said], now=NOON)
    consume()

    enrich(income="high", home_owner=True)

    assert Profile.objects.get().facts["traits"] == {"income": "low", "home_owner": True}


def test_what_she_states_later_replaces_what_was_bought(
    enrich: Callable[..., None], consume: Callable[[], None]
) -> None:
    enrich(income="high")

    track([make_event(type="identify", traits={"income": "low"})], now=NOON)
    consume()

    facts = Profile.objects.get().facts
    assert (facts["traits"]["income"], facts["provenance"]["income"][0]) == ("low", "api")


def test_expired_traits_disappear_here_and_in_redis(enrich: Callable[..., None]) -> None:
    enrich(income="high", home_owner=True)

    forgotten = forget_expired(now=NOON + timedelta(days=11))

    profile = Profile.objects.get()
    mirrored = unpack(patient_redis_connection().get(FACTS.key(profile.pk)))
    assert forgotten == 1
    assert profile.facts["traits"] == mirrored["traits"] == {"income": "high"}
    assert forget_expired(now=NOON + timedelta(days=11)) == 0


def test_a_rebuild_gives_the_same_and_does_not_bring_expired_traits_back(
    enrich: Callable[..., None], consume: Callable[[], None]
) -> None:
    enrich(income="high")
    profile = Profile.objects.get()
    assert rebuild_facts([profile.pk]) == []
    Event.objects.update(
        context={"terms": {"basis": "acme", "expires": {"income": int(NOON.timestamp()) - 1}}}
    )

    rebuild_facts([profile.pk])

    profile.refresh_from_db()
    assert profile.facts["traits"] == {}


def test_an_expired_trait_is_not_told_even_before_it_is_removed(
    enrich: Callable[..., None], client: Client
) -> None:
    enrich(income="high", home_owner=True)
    profile = Profile.objects.get()
    profile.facts["provenance"]["income"][-1] = 1
    profile.save()

    answer = client.get(
        "/api/v1/profiles/user:anna", headers={"Authorization": f"Api-Key {make_key('profiles')}"}
    )

    assert "income" not in answer.json()["traits"]


def test_only_enrichment_can_bring_terms(consume: Callable[[], None]) -> None:
    agree(user_id="anna")
    terms = {"basis": "mine", "expires": {"plan": 1}}
    track([make_event(type="identify", traits={"plan": "pro"}, context={"terms": terms})], now=NOON)
    consume()

    assert len(Profile.objects.get().facts["provenance"]["plan"]) == 2


def test_the_profile_page_says_on_what_ground_a_trait_stands_and_until_when(
    enrich: Callable[..., None], admin_client: Client
) -> None:
    enrich(income="high")

    answer = admin_client.get(f"/admin/profiles/profile/{Profile.objects.get().pk}/change/")

    page = " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
    assert "income high from a third party" in page
    ground = "on the ground of acme: Acme data licence 2026, consent to advertising"
    until = NOON + timedelta(days=180)
    assert f"{ground}, usable until {until:%-d %B %Y}" in page
