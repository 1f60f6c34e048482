"""Line 3: a retrain, from the task to what a partner's call is answered."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from personalization.learning.models import ModelVersion, TrainingRun
from personalization.recommender.availability import forget_availability
from personalization.recommender.live import forget_model
from personalization.recommender.tasks import continue_training_run
from tests.factories import make_event
from tests.recommender.shop import TASTES, make_items

pytestmark = pytest.mark.django_db(transaction=True)
VISITORS = 80
BOUGHT = 20


@pytest.fixture
def buyers(partner: Callable[..., Any], consume: Callable[[], None]) -> None:
    """Let visitors of two tastes buy through the front door over the last weeks."""
    make_items()
    forget_model()
    forget_availability()
    now = timezone.now()
    for visitor in range(VISITORS):
        events = [
            make_event(
                type="purchase",
                user_id=f"visitor-{visitor}",
                occurred_at=(now - timedelta(days=40 - n * 2, minutes=visitor)).isoformat(),
                properties={"item_id": f"{TASTES[visitor % 2]}-{(visitor + n) % 30}", "price": 1},
            )
            for n in range(BOUGHT)
        ]
        assert partner("POST", "/api/v1/events", {"events": events}).json()["refused"] == []
    consume()


def test_what_visitors_bought_becomes_what_others_of_their_taste_are_recommended(
    buyers: None, partner: Callable[..., Any]
) -> None:
    asked = {"user_id": "visitor-0", "limit": 5}
    before = partner("GET", "/api/v1/recommendations", asked).json()
    run = TrainingRun.objects.create(kind="recommender", started_by="test")

    continue_training_run(run.pk)
    forget_model()
    after = partner("GET", "/api/v1/recommendations", asked).json()

    run.refresh_from_db()
    assert (run.state, run.percent) == ("promoted", 100), run.message
    assert ModelVersion.objects.get(state="live").number == after["model_version"]
    assert before["items"] == []
    assert {item["item_id"].partition("-")[0] for item in after["items"]} == {TASTES[0]}


def test_a_second_retrain_on_the_same_data_is_refused_and_says_why(buyers: None) -> None:
    runs = [TrainingRun.objects.create(kind="recommender", started_by="test") for _ in range(2)]

    for run in runs:
        continue_training_run(run.pk)
        run.refresh_from_db()

    assert [run.state for run in runs] == ["promoted", "refused"]
    assert "does not beat the live model" in runs[1].message
