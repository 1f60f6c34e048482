"""What a golden visitor keeps, and what is expected of it where that says too little."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from personalization.profiles.facts import empty_facts
from personalization.profiles.folding import Happening, note_session, remember
from personalization.profiles.models import Profile
from personalization.rules.tree import Fact
from personalization.segments.freezing import freeze_facts
from personalization.segments.golden import unjudged
from personalization.segments.models import GoldenVisitor, Segment
from personalization.segments.publishing import publish_segment
from tests.factories import NOON
from tests.segments.test_golden import anna, freeze, regulars

__all__ = ("anna", "regulars")

pytestmark = pytest.mark.django_db


def test_acts_are_kept_without_items_in_their_order_and_only_where_a_rule_reads_them() -> None:
    moments = [timedelta(0), timedelta(seconds=7), timedelta(seconds=7), timedelta(seconds=61)]
    facts = empty_facts()
    for moment in moments:
        at = NOON + timedelta(seconds=20) + moment
        remember(facts, Happening("item_view", at, item_id="1001", category="mugs"))
    second = int(NOON.timestamp())

    kept = freeze_facts(facts, read={Fact("sequence", "item_view"), Fact("distinct", "item_view")})

    acts = [[second + at, "item_view", "", "mugs"] for at in (0, 1, 1, 60)]
    assert kept["recent"] == acts
    assert list(kept["items"]["item_view"]) == ["0"]
    assert freeze_facts(facts, read=())["recent"] == []
    assert freeze_facts(facts, read=())["items"] == {}


def test_orders_are_kept_as_numbers() -> None:
    facts = empty_facts()
    for money, order in ((5, "f00d"), (7, "f00d"), (9, "beef")):
        remember(facts, Happening("purchase", NOON, value=money, order=order))

    [day] = facts["counts"]["purchase"]
    kept = freeze_facts(facts, read=())["orders"]
    assert kept == {"purchase": {f"{day}:0": 9, f"{day}:1": 12}}


def judged(name: str, condition: dict[str, Any]) -> Segment:
    return Segment.objects.create(name=name, rule={"all": [condition]})


@pytest.mark.parametrize(
    "condition",
    [
        {"fact": "score", "name": "churn", "operator": "greater", "value": 0.5},
        {"fact": "persona", "operator": "equals", "value": "saver"},
        {
            "fact": "distinct",
            "of": "items",
            "event": "purchase",
            "operator": "equals",
            "value": 2,
        },
        {
            "fact": "sequence",
            "event": "purchase",
            "then": "purchase",
            "minutes": 60,
            "operator": "done",
        },
        {"fact": "in_session", "event": "purchase", "operator": "equals", "value": 2},
        {"fact": "session", "name": "events", "operator": "equals", "value": 2},
        {"fact": "location", "operator": "within_km", "value": [52.52, 13.405, 50]},
    ],
    ids=lambda condition: condition["fact"],
)
def test_what_models_and_moments_say_is_expected_as_it_is(condition: dict[str, Any]) -> None:
    facts = empty_facts()
    for number, moment in enumerate((30, 10)):
        at = NOON - timedelta(seconds=moment)
        remember(facts, Happening("purchase", at, item_id=str(number)))
    note_session(facts)
    facts |= {"scores": {"churn": 0.7}, "persona": "saver"}
    facts["traits"] = {"latitude": 52.4987, "longitude": 13.4321}
    profile = Profile.objects.create(facts=facts)
    segment = judged("Judged", condition)

    assert freeze(profile, segment).belongs_to.get() == segment
    assert publish_segment(segment=segment, by="ann", now=NOON).version == 1


def test_where_what_is_kept_says_otherwise_nothing_is_expected(admin_client: Client) -> None:
    profile = Profile.objects.create(
        facts={**empty_facts(), "traits": {"latitude": 52.56, "longitude": 13.46}}
    )
    circle = {"fact": "location", "operator": "within_km", "value": [52.56, 13.46, 1]}
    mail = {"fact": "trait", "name": "email", "operator": "is_set"}
    page = "admin:segments_segment_why"
    for name, condition in (("Near", circle), ("Written to", mail)):
        segment = judged(name, condition)
        sent = {"profile": str(profile.pk), "_golden": "", "name": name}
        why = reverse(page, args=[segment.pk])
        answer = admin_client.post(why, sent, follow=True).content.decode()
        golden = GoldenVisitor.objects.get(name=name)

        assert f"Nothing is expected of it in “{name}”" in answer
        assert not golden.belongs_to.exists()
        assert not golden.stays_out_of.exists()


def test_a_fact_that_was_not_kept_stops_no_publication(
    admin_client: Client, anna: Profile, regulars: Segment
) -> None:
    golden = freeze(anna, regulars)
    regulars.rule = {
        "all": [{"fact": "score", "name": "churn", "operator": "greater", "value": 0.5}]
    }
    regulars.save()

    assert publish_segment(segment=regulars, by="ann", now=NOON).version == 1
    assert unjudged(golden) == [regulars]
    page = admin_client.get(reverse("admin:segments_goldenvisitor_change", args=[golden.pk]))
    assert "annot be judged" in page.content.decode()
