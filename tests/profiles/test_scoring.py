"""RFM scores and engagement."""

from datetime import timedelta

import pytest

from consent.keyspaces import patient_redis_connection
from personalization.profiles.facts import empty_facts, unpack
from personalization.profiles.folding import Happening, remember
from personalization.profiles.models import Profile
from personalization.profiles.remembering import FACTS
from personalization.profiles.scoring import engagement, measure_purchases, score_profiles
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def make_buyer(*, days_ago: int, orders: int, each: float) -> Profile:
    facts = empty_facts()
    for _ in range(orders):
        remember(facts, Happening("purchase", NOON - timedelta(days=days_ago), value=each))
    return Profile.objects.create(facts=facts)


def scores_of(profile: Profile) -> dict[str, float]:
    profile.refresh_from_db()
    return dict(profile.facts["scores"])


def test_the_best_of_five_buyers_gets_fives_and_the_worst_gets_ones() -> None:
    buyers = [make_buyer(days_ago=90 - 20 * n, orders=n + 1, each=10 + n) for n in range(5)]

    score_profiles(now=NOON)

    for place, buyer in enumerate(buyers, start=1):
        scores = scores_of(buyer)
        assert scores["rfm_recency"] == place
        assert scores["rfm_frequency"] == place
        assert scores["rfm_monetary"] == place


def test_equals_get_equal_scores_and_those_who_bought_once_the_lowest() -> None:
    once = [make_buyer(days_ago=5, orders=1, each=10) for _ in range(8)]
    often = make_buyer(days_ago=5, orders=9, each=10)

    score_profiles(now=NOON)

    assert {scores_of(buyer)["rfm_frequency"] for buyer in once} == {1}
    assert scores_of(often)["rfm_frequency"] == 5


def test_who_never_bought_has_no_rfm_scores() -> None:
    facts = empty_facts()
    remember(facts, Happening("item_view", NOON))
    viewer = Profile.objects.create(facts=facts)

    score_profiles(now=NOON)

    assert scores_of(viewer) == {"engagement": 2.0}


def test_engagement_halves_in_a_fortnight() -> None:
    facts = empty_facts()
    remember(facts, Happening("purchase", NOON))
    remember(facts, Happening("exposure", NOON))

    assert engagement(facts, now=NOON) == 10
    assert engagement(facts, now=NOON + timedelta(days=14)) == 5


def test_what_was_sent_back_is_not_money_earned() -> None:
    facts = empty_facts()
    remember(facts, Happening("purchase", NOON, value=50))
    remember(facts, Happening("refund", NOON, value=-20))

    assert measure_purchases(facts, now=NOON) == (0, 1, 30)


def test_scores_stand_beside_those_of_models_and_reach_redis_only_when_they_change() -> None:
    buyer = make_buyer(days_ago=1, orders=2, each=10)
    buyer.facts["scores"] = {"churn": 0.2}
    buyer.save()

    first, second = score_profiles(now=NOON), score_profiles(now=NOON)

    packed = patient_redis_connection().get(FACTS.key(buyer.pk))
    assert packed is not None
    assert unpack(packed)["scores"] == scores_of(buyer)
    assert scores_of(buyer)["churn"] == 0.2
    assert (first, second) == (1, 0)
