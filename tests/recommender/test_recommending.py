from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError

from catalog.models import Item
from consent.keyspaces import patient_redis_connection
from personalization.learning.models import ModelVersion
from personalization.profiles.models import Profile
from personalization.recommender.availability import forget_availability, refresh_availability
from personalization.recommender.live import LiveModel, live_model
from personalization.recommender.recommending import Recommendation, UnknownStrategy, recommend
from personalization.recommender.representations import vector_key
from personalization.recommender.retraining import retrain
from tests.recommender.shop import NOON

Acts = Callable[..., dict[str, Any]]


@pytest.fixture
def model(shop: list[Profile]) -> LiveModel:
    assert retrain(now=NOON, seed=1, started_by="test").state == "promoted"
    loaded = live_model(1)
    assert loaded
    return loaded


def ask(model: LiveModel | None, **changes: Any) -> Recommendation:
    asked: dict[str, Any] = {
        "strategy": "recommended",
        "vector": None,
        "facts": {},
        "limit": 8,
        "now": NOON,
    }
    return recommend(model=model, **(asked | changes))


def vector_of(profile: Profile) -> bytes:
    vector = patient_redis_connection().get(vector_key(1, profile.pk))
    assert vector
    return bytes(vector)


def share(answer: Recommendation, category: str) -> float:
    return sum(i.startswith(category) for i in answer.item_ids) / len(answer.item_ids)


def test_a_warm_visitor_gets_what_suits_the_taste(model: LiveModel, shop: list[Profile]) -> None:
    lantern_lover = ask(model, vector=vector_of(shop[0]))
    mug_lover = ask(model, vector=vector_of(shop[1]))

    assert share(lantern_lover, "lanterns") == 1
    assert share(mug_lover, "mugs") == 1
    assert (lantern_lover.key, lantern_lover.model_version) == ("taste", 1)


def test_three_views_of_the_other_category_change_a_warm_visitors_list(
    model: LiveModel, shop: list[Profile], acts: Acts
) -> None:
    viewed = acts(*[("item_view", f"mugs-{n}") for n in range(3)])

    answer = ask(model, vector=vector_of(shop[0]), facts=viewed)

    assert share(answer, "mugs") > 0
    assert answer.reason == "Like the 3 items you viewed lately"


def test_a_cold_visitors_views_are_enough(model: LiveModel, acts: Acts) -> None:
    viewed = acts(*[("item_view", f"mugs-{n}") for n in range(3)])

    answer = ask(model, facts=viewed)

    assert share(answer, "mugs") == 1
    assert not {"mugs-0", "mugs-1", "mugs-2"} & set(answer.item_ids)


def test_a_stranger_with_a_country_gets_what_that_country_likes(
    newcomers: list[Profile], model: LiveModel, acts: Acts
) -> None:
    answer = ask(model, facts=acts(country="Germany"))

    assert answer.reason == "Liked by visitors from Germany"
    assert share(answer, "mugs") == 1


def test_where_popularity_ranked_better_for_strangers_a_country_says_nothing(
    model: LiveModel, acts: Acts
) -> None:
    answer = ask(model, facts=acts(country="Germany"))

    assert (answer.strategy, answer.key) == ("popular", "popular_lately")


def test_a_complete_stranger_gets_what_is_popular_from_all_categories(model: LiveModel) -> None:
    answer = ask(model)

    assert (answer.strategy, answer.key) == ("popular", "popular_lately")
    assert share(answer, "mugs") == 0.5


def test_bought_items_are_not_recommended_not_even_as_a_filling(
    model: LiveModel, acts: Acts
) -> None:
    bought = acts(*[("purchase", f"mugs-{n}") for n in range(20)])

    answer = ask(model, facts=bought, limit=60)

    assert not {f"mugs-{n}" for n in range(20)} & set(answer.item_ids)
    assert len(answer.item_ids) == 40


@pytest.mark.parametrize("strategy", ["recommended", "similar", "popular", "recently_viewed"])
def test_no_strategy_shows_what_is_unavailable_or_anything_twice(
    model: LiveModel, acts: Acts, strategy: str
) -> None:
    facts = acts(*[("item_view", f"mugs-{n % 5}") for n in range(9)])
    Item.objects.filter(item_id__in=["mugs-1", "lanterns-1", "mugs-9"]).update(is_available=False)
    forget_availability()
    refresh_availability()

    answer = ask(model, strategy=strategy, facts=facts, item_id="mugs-0", limit=60)

    assert not {"mugs-1", "lanterns-1", "mugs-9", "mugs-0"} & set(answer.item_ids)
    assert len(set(answer.item_ids)) == len(answer.item_ids) > 0


def test_similar_items_come_from_the_same_shelf(model: LiveModel) -> None:
    answer = ask(model, strategy="similar", item_id="mugs-3")

    assert share(answer, "mugs") == 1
    assert answer.reason == "Similar to this item"


def test_similar_to_an_unknown_item_falls_back_to_popular(model: LiveModel) -> None:
    assert ask(model, strategy="similar", item_id="nowhere").strategy == "popular"


def test_recently_viewed_is_newest_first_without_repeats_or_a_model(acts: Acts) -> None:
    facts = acts(("item_view", "a"), ("item_view", "b"), ("purchase", "c"), ("item_view", "a"))

    answer = ask(None, strategy="recently_viewed", facts=facts)

    assert answer.item_ids == ("a", "b")
    assert answer.model_version is None


@pytest.mark.parametrize("strategy", ["recommended", "popular", "similar"])
def test_without_a_model_nothing_is_shown_and_it_is_said(strategy: str) -> None:
    answer = ask(None, strategy=strategy)

    assert (answer.item_ids, answer.reason) == ((), "no live model")


def test_a_vector_of_another_size_is_ignored(model: LiveModel) -> None:
    assert ask(model, vector=b"\0" * 12).strategy == "popular"


def test_an_unknown_strategy_is_named() -> None:
    with pytest.raises(UnknownStrategy, match="'best' is none of recommended"):
        ask(None, strategy="best")


def test_the_model_is_loaded_once(model: LiveModel, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert live_model(1) is model


def test_a_damaged_version_leaves_the_held_one_in_place(
    model: LiveModel, caplog: pytest.LogCaptureFixture
) -> None:
    version = ModelVersion.objects.get(number=1)
    version.pk, version.number, version.state = None, 2, "retired"
    version.checksum = "0" * 64
    version.save()

    assert live_model(2) is model
    assert "cannot be loaded" in caplog.text


def test_a_catalogue_that_does_not_answer_leaves_the_last_availability(
    model: LiveModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(Item.objects, "filter", fail)
    forget_availability()

    refresh_availability()

    assert ask(model).item_ids
