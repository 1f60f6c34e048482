from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from kombu.exceptions import OperationalError

from personalization.learning.models import ModelVersion, TrainingRun
from personalization.profiles.models import Profile
from personalization.recommender.retraining import retrain
from personalization.recommender.tasks import continue_training_run
from tests.recommender.shop import NOON

VERSIONS = "/admin/learning/modelversion/"
RETRAIN = "/admin/learning/modelversion/retrain_now/"


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    ids: list[int] = []
    monkeypatch.setattr(continue_training_run, "apply_async", lambda args, **_: ids.extend(args))
    return ids


def make_staff(*permissions: str) -> Client:
    user = User.objects.create_user("anna", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_the_list_marks_the_live_version_and_shows_its_scores(
    shop: list[Profile], admin_client: Client
) -> None:
    version = retrain(now=NOON, seed=1, started_by="test").version
    assert version

    page = admin_client.get(VERSIONS).content.decode()

    assert "recommender 1" in page
    assert f"{version.metrics['candidate']['all']['ndcg']:.4f}" in page
    assert "live" in page


def test_a_version_shows_its_table_and_picture(shop: list[Profile], admin_client: Client) -> None:
    version = retrain(now=NOON, seed=1, started_by="test").version
    assert version

    page = admin_client.get(f"{VERSIONS}{version.pk}/change/").content.decode()

    assert "<svg" in page
    assert "Popular in the last month" in page
    assert "with history" in page


@pytest.mark.django_db
def test_asking_for_the_retrain_page_trains_nothing(
    admin_client: Client, enqueued: list[int]
) -> None:
    page = admin_client.get(RETRAIN)

    assert "Train a new recommender now?" in page.content.decode()
    assert not TrainingRun.objects.exists()


@pytest.mark.django_db
def test_the_button_starts_a_run_and_shows_its_progress(
    admin_client: Client, enqueued: list[int]
) -> None:
    answer = admin_client.post(RETRAIN, follow=True)

    run = TrainingRun.objects.get()
    assert enqueued == [run.pk]
    assert run.started_by == "admin"
    page = answer.content.decode()
    assert "waiting for a worker" in page
    assert f"/admin/learning/trainingrun/{run.pk}/progress.json" in page


@pytest.mark.django_db
def test_progress_is_answered_as_json(admin_client: Client) -> None:
    run = TrainingRun.objects.create(
        kind="recommender", state="running", stage="judging", percent=80, started_by="anna"
    )

    answer = admin_client.get(f"/admin/learning/trainingrun/{run.pk}/progress.json")

    assert answer.json() == {
        "percent": 80,
        "label": "running",
        "stage": "judging",
        "message": "",
        "is_over": False,
    }


@pytest.mark.django_db
def test_a_queue_that_does_not_answer_fails_the_run(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("refused")

    monkeypatch.setattr(continue_training_run, "apply_async", fail)

    admin_client.post(RETRAIN)

    run = TrainingRun.objects.get()
    assert run.state == TrainingRun.State.FAILED
    assert "does not answer" in run.message


@pytest.mark.django_db
def test_who_may_only_look_cannot_train(enqueued: list[int]) -> None:
    client = make_staff("view_modelversion")

    assert client.get(VERSIONS).status_code == 200
    assert client.post(RETRAIN).status_code == 403
    assert not TrainingRun.objects.exists()


@pytest.mark.django_db
def test_who_may_not_look_sees_no_progress() -> None:
    run = TrainingRun.objects.create(kind="recommender", started_by="anna")
    client = make_staff()

    answer = client.get(f"/admin/learning/trainingrun/{run.pk}/progress.json")

    assert answer.status_code == 403


def test_one_click_and_a_yes_go_back(
    shop: list[Profile], admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = retrain(now=NOON, seed=1, started_by="test").version
    assert first
    second = retrain(now=NOON, seed=2, started_by="test").version
    assert second
    ModelVersion.objects.filter(pk=first.pk).update(state="retired")
    address = f"{VERSIONS}{first.pk}/make_live/"

    asked = admin_client.get(address).content.decode()
    state_after_asking = ModelVersion.objects.get(pk=first.pk).state
    admin_client.post(address)

    assert "Make recommender 1 live again?" in asked
    assert state_after_asking == "retired"
    assert ModelVersion.objects.get(pk=first.pk).state == "live"


@pytest.mark.django_db
def test_a_version_without_files_cannot_return(admin_client: Client) -> None:
    version = ModelVersion.objects.create(
        kind="recommender", number=1, state="retired", trained_at=NOON, trained_until=NOON
    )

    page = admin_client.post(f"{VERSIONS}{version.pk}/make_live/", follow=True).content.decode()

    assert "its files were deleted" in page
    assert ModelVersion.objects.get().state == "retired"


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_live_version_says_kindly_that_it_is_live(admin_client: Client, method: str) -> None:
    version = ModelVersion.objects.create(
        kind="recommender",
        number=1,
        state="live",
        artifact="recommender-1",
        checksum="0",
        trained_at=NOON,
        trained_until=NOON,
        promoted_at=NOON,
    )
    address = f"{VERSIONS}{version.pk}/make_live/"

    answer = getattr(admin_client, method)(address, follow=True)

    assert "recommender 1 is live already." in answer.content.decode()
    assert address not in admin_client.get(f"{VERSIONS}{version.pk}/change/").content.decode()


@pytest.mark.django_db
def test_who_may_only_look_cannot_go_back() -> None:
    version = ModelVersion.objects.create(
        kind="recommender", number=1, state="retired", trained_at=NOON, trained_until=NOON
    )
    client = make_staff("view_modelversion")

    assert client.post(f"{VERSIONS}{version.pk}/make_live/").status_code == 403
