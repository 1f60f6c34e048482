"""Line 2: a decision, from the template tag or the API, through one round trip to Redis."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from catalog.models import Item
from consent.keyspaces import redis_connection
from personalization.config.demo.activities import make_activities
from personalization.content.models import Activity
from personalization.content.publishing import publish_activity, unpublish_activity
from personalization.content.rulesets import forget_ruleset
from personalization.decisions import knowing
from personalization.decisions.visitors import Visitor
from personalization.events.models import Event
from personalization.segments.models import Segment
from personalization.segments.publishing import publish_segment, revert
from tests.factories import make_category, make_event

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = {"placements": ["home_hero"], "user_id": "anna"}


@pytest.fixture
def live(shop: None) -> None:
    """Publish the demo's activities, in a process that remembers no other test's version."""
    make_activities(now=timezone.now())
    forget_ruleset()


@pytest.fixture
def ask(partner: Callable[..., Any]) -> Callable[..., Any]:
    """Return a question to the decision API, answered with its only decision."""

    def asked(**changes: Any) -> Any:
        answer = partner("POST", "/api/v1/decisions", {**QUESTION, **changes})
        assert answer.status_code == 200, answer.content
        return answer.json()["decisions"][0]

    return asked


@pytest.fixture
def buyer(live: None, partner: Callable[..., Any], consume: Callable[[], None]) -> None:
    """Let Anna place four orders this month."""
    orders = [
        make_event(
            type="purchase",
            occurred_at=None,
            properties={"item_id": "L1", "order_id": f"o{n}", "price": 5, "quantity": 1},
        )
        for n in range(4)
    ]
    partner("POST", "/api/v1/events", {"events": orders})
    consume()


def test_a_frequent_buyer_is_thanked_and_a_stranger_is_not(
    buyer: None, ask: Callable[..., Any]
) -> None:
    assert ask()["activity"] == "thank-frequent-buyers"
    assert ask(user_id="stranger")["reason"]["code"] == "no_consent"
    assert "purchases in the last 30 days" in ask()["reason"]["text"]


def test_a_decision_asks_redis_once_and_no_sql(
    buyer: None,
    ask: Callable[..., Any],
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask()
    asked: list[Visitor] = []
    once = knowing._ask

    def counted(visitor: Visitor) -> list[Any]:
        asked.append(visitor)
        return once(visitor)

    monkeypatch.setattr(knowing, "_ask", counted)

    with django_assert_num_queries(0):
        ask(placements=["home_hero", "home_strip", "basket_note"])

    assert len(asked) == 1


def test_publishing_taking_offline_and_undoing_show_in_the_next_decision(
    buyer: None, ask: Callable[..., Any]
) -> None:
    activity = Activity.objects.get(key="thank-frequent-buyers")
    live_version = ask()["ruleset_version"]

    unpublish_activity(activity=activity, by="test", now=timezone.now())
    assert ask()["activity"] is None
    publish_activity(activity=activity, by="test", now=timezone.now())
    assert ask()["activity"] == activity.key
    reverted = revert(to_version=live_version + 1, by="test", now=timezone.now())

    assert ask()["activity"] is None
    assert ask()["ruleset_version"] == reverted.version


@pytest.mark.parametrize(("share", "is_shown"), [(100, True), (0, False)])
def test_a_rule_may_draw_lots_and_name_a_segment(
    buyer: None, ask: Callable[..., Any], share: int, is_shown: bool
) -> None:
    activity = Activity.objects.get(key="thank-frequent-buyers")
    assert activity.segment is not None
    named = {"fact": "segment", "operator": "in_segment", "value": activity.segment.key}
    drawn = {"fact": "percentage", "name": "thanks", "operator": "less", "value": share}
    activity.segment = Segment.objects.create(name="Some", rule={"all": [named, drawn]})
    activity.save()
    some, now = activity.segment, timezone.now()
    publish_segment(segment=some, by="test", now=now, insists=not share)

    publish_activity(activity=activity, by="test", now=now)

    assert (ask()["activity"] == activity.key) is is_shown


def test_an_activity_keeps_to_its_schedule(buyer: None, ask: Callable[..., Any]) -> None:
    activity = Activity.objects.get(key="thank-frequent-buyers")
    activity.starts_at = timezone.now() + timedelta(days=1)
    activity.save()

    publish_activity(activity=activity, by="test", now=timezone.now())

    assert ask()["activity"] is None


def test_an_unknown_placement_is_named_and_the_rest_is_answered(
    buyer: None, partner: Callable[..., Any]
) -> None:
    question = {**QUESTION, "placements": ["nowhere", "home_hero"]}

    answer = partner("POST", "/api/v1/decisions", question)

    assert answer.status_code == 200
    assert [d["placement"] for d in answer.json()["decisions"]] == ["home_hero"]
    assert answer.json()["errors"][0]["field"] == "placements[0]"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"placements": []}, "placements"),
        ({"placements": "home_hero"}, "placements"),
        ({"placements": ["a", 7]}, "placements[1]"),
        ({"user_id": 17}, "user_id"),
        ({"context": {"shoe_size": 9}}, "context.shoe_size"),
        ({"context": {"device": ["mobile"]}}, "context.device"),
    ],
)
def test_a_wrong_question_names_its_field(
    live: None, partner: Callable[..., Any], changes: dict[str, Any], field: str
) -> None:
    answer = partner("POST", "/api/v1/decisions", {**QUESTION, **changes})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


def test_with_redis_stopped_pages_still_render_with_their_fallbacks(
    live: None, client: Client, settings: LazySettings
) -> None:
    make_category(key="lanterns")
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    redis_connection.cache_clear()

    for path in ("/", "/shelves/lanterns/", "/items/L1/", "/basket/", "/search/?q=lantern"):
        answer = client.get(path)
        assert answer.status_code == 200, path
    page = client.get("/").content.decode()

    assert 'data-reason="unavailable"' in page
    assert "cannot be reached" in page


def test_a_personal_page_is_not_kept_by_a_shared_cache(live: None, client: Client) -> None:
    assert client.get("/").headers["Cache-Control"] == "private, no-store"


def test_a_list_says_how_its_items_are_shown(
    shop: None, partner: Callable[..., Any], consume: Callable[[], None]
) -> None:
    shown = {
        "description": "Hangs.",
        "url": "https://shop.example/L0",
        "image_url": "https://cdn.shop.example/L0.jpg",
        "brand": "Acme",
        "gtin": "4006381333931",
    }
    Item.objects.filter(item_id="L0").update(**shown)
    for item_id in ("L1", "L0"):
        partner("POST", "/api/v1/events", make_event(properties={"item_id": item_id}))
    consume()

    asked = {"user_id": "anna", "strategy": "recently_viewed"}
    items = partner("GET", "/api/v1/recommendations", asked).json()["items"]

    told = {item["item_id"]: {name: item[name] for name in shown} for item in items}
    assert told == {"L0": shown, "L1": dict.fromkeys(shown, "")}


def test_what_a_partner_shows_a_bot_is_no_exposure(
    buyer: None, ask: Callable[..., Any], consume: Callable[[], None]
) -> None:
    shown = [ask(context={"device": device}) for device in ("bot", "desktop")]
    consume()

    assert [one["activity"] for one in shown] == ["thank-frequent-buyers"] * 2
    assert Event.objects.filter(type="exposure").count() == 1
