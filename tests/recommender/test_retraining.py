from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection

from catalog.models import Item
from consent.keyspaces import patient_redis_connection
from personalization.events.models import Event
from personalization.learning import registry
from personalization.learning.models import ModelVersion, TrainingRun
from personalization.profiles.models import Profile
from personalization.recommender import retraining
from personalization.recommender.going_live import go_back
from personalization.recommender.interactions import LEARNED, find_cut, read_interactions
from personalization.recommender.judging import Verdict
from personalization.recommender.live import KIND, load_model
from personalization.recommender.models import Representation
from personalization.recommender.representations import LIVE_KEY, vector_key
from personalization.recommender.retraining import Outcome, retrain
from personalization.recommender.tasks import continue_training_run
from personalization.recommender.training import fit
from personalization.recommender.warming import warm_if_cold
from tests.recommender.shop import NOON, make_event, make_items, store


def train(seed: int = 1) -> Outcome:
    return retrain(now=NOON, seed=seed, started_by="test")


def force_candidate_to_win(monkeypatch: pytest.MonkeyPatch) -> None:
    def always(metrics: dict[str, Any]) -> Any:
        return Verdict(is_better=True, reason="forced", metrics=metrics)

    monkeypatch.setattr("personalization.recommender.judging._verdict", always)


def test_two_tastes_beat_popularity_and_go_live(shop: list[Profile]) -> None:
    outcome = train()

    assert outcome.state == TrainingRun.State.PROMOTED, outcome.reason
    assert outcome.version == registry.live_version(KIND)
    assert outcome.version
    metrics = outcome.version.metrics
    assert metrics["candidate"]["all"]["ndcg"] > 1.3 * metrics["popular_lately"]["all"]["ndcg"]
    assert "beats" in outcome.reason
    redis = patient_redis_connection()
    assert redis.get(LIVE_KEY) == b"1"
    stored = Representation.objects.get(profile_id=shop[0].pk)
    assert redis.get(vector_key(1, shop[0].pk)) == bytes(stored.vector)
    run = TrainingRun.objects.get()
    assert (run.state, run.percent, run.version) == ("promoted", 100, outcome.version)


def test_the_same_model_again_is_refused(shop: list[Profile]) -> None:
    train()

    outcome = train()

    assert outcome.state == TrainingRun.State.REFUSED
    assert "does not beat the live model" in outcome.reason
    live = registry.live_version(KIND)
    assert live
    assert live.number == 1
    assert not Representation.objects.exclude(version=live).exists()


def test_stages_are_told_in_order(shop: list[Profile]) -> None:
    told: list[tuple[str, int]] = []

    retrain(
        now=NOON,
        seed=1,
        started_by="test",
        tell=lambda run: told.append((run.stage, run.percent)),
    )

    percents = [percent for _, percent in told]
    assert percents == sorted(percents)
    assert told[0] == ("reading interactions", 0)
    assert ("training, epoch 20 of 20", 80) in told


def test_too_little_data_is_refused_with_what_is_missing(db: None) -> None:
    make_items()
    profile = Profile.objects.create(facts={})
    store([make_event(profile, "mugs-1", at=NOON), make_event(profile, "mugs-2", at=NOON)])

    outcome = train()

    assert outcome.state == TrainingRun.State.REFUSED
    assert "There are 2 interactions and 1 visitors with two or more" in outcome.reason
    assert outcome.version is None


def test_no_data_at_all_is_refused(db: None) -> None:
    outcome = train()

    assert outcome.state == TrainingRun.State.REFUSED
    assert "No visitor who allows training" in outcome.reason


def test_a_failure_marks_the_run_and_is_raised(
    shop: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(retraining, "fit", fail)

    with pytest.raises(RuntimeError):
        train()

    run = TrainingRun.objects.get()
    assert run.state == TrainingRun.State.FAILED
    assert "out of memory" in run.message


def test_a_run_that_died_is_marked_by_the_next(db: None) -> None:
    dead = TrainingRun.objects.create(kind=KIND, state="running", started_by="anna")

    train()

    dead.refresh_from_db()
    assert dead.state == TrainingRun.State.FAILED


def test_the_task_continues_the_run_it_is_given_once(db: None) -> None:
    run = TrainingRun.objects.create(kind=KIND, started_by="anna")

    continue_training_run(run.pk)
    run.refresh_from_db()
    finished_at = run.finished_at
    continue_training_run(run.pk)

    run.refresh_from_db()
    assert run.state == TrainingRun.State.REFUSED
    assert run.finished_at == finished_at
    assert TrainingRun.objects.count() == 1


def test_only_what_visitors_allowed_for_training_is_read(shop: list[Profile]) -> None:
    refuser = Profile.objects.create(facts={})
    store([make_event(refuser, "mugs-1", at=NOON, purposes=("analytics", "personalization"))])

    interactions = read_interactions(cut=NOON, judged_after=NOON, catalogue=())

    assert refuser.pk not in interactions.profile_ids
    assert shop[0].pk in interactions.profile_ids


def test_a_refund_takes_its_purchase_back_in_proportion(db: None) -> None:
    profile = Profile.objects.create(facts={})
    store(
        [
            make_event(profile, "kept", at=NOON, value=10),
            make_event(profile, "half", at=NOON, value=10),
            make_event(profile, "half", at=NOON, kind="refund", value=5),
            make_event(profile, "returned", at=NOON, value=10),
            make_event(profile, "returned", at=NOON, kind="refund", value=10),
            make_event(profile, "viewed", at=NOON, kind="item_view"),
        ]
    )

    interactions = read_interactions(cut=NOON, judged_after=NOON, catalogue=())

    weights = dict(zip(interactions.item_ids, interactions.weights.tolist(), strict=True))
    assert weights == {"kept": 4.0, "half": 2.0, "viewed": 1.0}


def test_the_cut_parts_what_is_learned_from_what_is_judged(shop: list[Profile]) -> None:
    cut = find_cut(quantile=0.8)
    assert cut

    interactions = read_interactions(cut=cut, judged_after=cut, catalogue=())

    learned = interactions.sides == LEARNED
    assert learned.mean() == pytest.approx(0.8, abs=0.01)
    assert interactions.last[learned].max() <= cut.timestamp() < interactions.last[~learned].min()


def test_going_back_restores_the_vectors_of_that_version(
    shop: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train().version
    assert first
    before = patient_redis_connection().get(vector_key(1, shop[0].pk))
    force_candidate_to_win(monkeypatch)
    train(seed=2)
    redis = patient_redis_connection()
    assert redis.get(LIVE_KEY) == b"2"
    assert redis.ttl(vector_key(1, shop[0].pk)) > 0
    redis.delete(vector_key(1, shop[0].pk))

    first.refresh_from_db()
    go_back(to=first, now=NOON)

    assert redis.get(LIVE_KEY) == b"1"
    assert redis.get(vector_key(1, shop[0].pk)) == before
    assert redis.ttl(vector_key(1, shop[0].pk)) == -1


def test_versions_before_the_last_three_are_cleared(
    shop: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    force_candidate_to_win(monkeypatch)

    folders = [train(seed).version.folder for seed in range(1, 5)]  # type: ignore[union-attr]

    assert [folder.exists() for folder in folders] == [False, True, True, True]
    kept = set(Representation.objects.values_list("version__number", flat=True))
    assert kept == {2, 3, 4}
    assert not ModelVersion.objects.get(number=1).can_return


def test_a_profile_erased_while_training_ran_gets_no_vector(
    shop: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    erased, gone = shop[0].pk, shop[2].pk
    real = fit

    def erase_meanwhile(**arguments: Any) -> Any:
        Event.objects.filter(profile_id=erased).delete()
        Profile.objects.filter(pk=gone).delete()
        return real(**arguments)

    monkeypatch.setattr(retraining, "fit", erase_meanwhile)
    train()

    assert not Representation.objects.filter(profile_id__in=[erased, gone]).exists()
    assert not patient_redis_connection().exists(vector_key(1, erased), vector_key(1, gone))


def test_a_deleted_profile_takes_its_vectors_along(shop: list[Profile]) -> None:
    train()

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM profiles_profile WHERE id = %s", [shop[0].pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert not Representation.objects.filter(profile_id=shop[0].pk).exists()


def test_vectors_come_back_after_redis_lost_them(shop: list[Profile]) -> None:
    train()
    redis = patient_redis_connection()
    before = redis.get(vector_key(1, shop[0].pk))
    redis.flushdb()

    warm_if_cold()

    assert redis.get(LIVE_KEY) == b"1"
    assert redis.get(vector_key(1, shop[0].pk)) == before
    assert warm_if_cold() is None


def test_an_item_nobody_bought_can_still_be_ranked(
    shop: list[Profile], acts: Callable[..., dict[str, Any]]
) -> None:
    category = Item.objects.filter(item_id="mugs-1").get().category
    Item.objects.create(item_id="mugs-new", name="mugs number new", price=1, category=category)
    version = train().version
    assert version

    model = load_model(version)

    assert model.items[model.position["mugs-new"]].any()


def test_two_trainings_do_not_run_at_once(shop: list[Profile]) -> None:
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [retraining.LOCK])

        outcome = train()
        other.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [retraining.LOCK])

    assert outcome.state == TrainingRun.State.REFUSED
    assert outcome.reason == "Another training is under way."
    assert train().state == TrainingRun.State.PROMOTED


@pytest.mark.parametrize("strangers", ["shop", "newcomers"])
def test_the_same_data_again_is_refused_whatever_strangers_are_served(
    strangers: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(strangers)
    first, second = train(), train()

    assert (first.state, second.state) == ("promoted", "refused")
    assert second.version is not None
    scores = second.version.metrics
    assert scores["candidate"]["all"] == scores["live"]["all"]
