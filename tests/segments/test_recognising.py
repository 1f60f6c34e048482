"""Names that nobody has are told before a segment is saved."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consent.models import Privilege
from personalization.events.models import EventSchema
from personalization.profiles.facts import empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.profiles.models import Profile
from personalization.rules.parsing import parse_rule
from personalization.segments.checking import check_segments
from personalization.segments.models import MemberList, Segment
from personalization.segments.recognising import unknown_names
from personalization.segments.suggesting import FEWEST_SHARING
from tests.factories import NOON, make_category
from tests.segments.test_builder import ADD, sent

pytestmark = pytest.mark.django_db
Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def anna() -> None:
    facts = empty_facts()
    remember(facts, Happening("wish_list", NOON, traits={"country": "France"}))
    remember(facts, Happening("item_view", NOON, category="candles"))
    facts |= {"scores": {"churn": 0.5}, "persona": "Saver"}
    Profile.objects.bulk_create(Profile(facts=facts) for _ in range(FEWEST_SHARING))
    vips = Segment.objects.create(name="Vips", rule={"all": [named("trait", "country")]})
    MemberList.objects.create(segment=vips, key="vips-1")


def named(fact: str, name: str, operator: str = "is_set") -> dict[str, Any]:
    return {"fact": fact, "name": name, "operator": operator}


def counted(event: str) -> dict[str, Any]:
    return {"fact": "count", "event": event, "operator": "at_least", "value": 1}


def followed(event: str, then: str) -> dict[str, Any]:
    steps = {"fact": "sequence", "event": event, "then": then}
    return {**steps, "minutes": 60, "operator": "done"}


def persona(name: str) -> dict[str, Any]:
    return {"fact": "persona", "operator": "in", "value": ["saver", name]}


def agreed(purpose: str) -> dict[str, Any]:
    return named("consent", purpose, "granted")


def viewing(operator: str, value: Any) -> dict[str, Any]:
    return {"fact": "context", "name": "category", "operator": operator, "value": value}


def told(*conditions: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.path, one.message) for one in unknown_names(parse_rule({"all": [*conditions]}))]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (named("trait", "countri"), "Nobody has the trait countri. Did you mean country?"),
        (named("trait", "height"), "Nobody has the trait height."),
        (counted("purchas"), "Nobody has had the event purchas yet. Did you mean purchase?"),
        (followed("purchase", "wishlist"), "the event wishlist yet. Did you mean wish_list?"),
        (named("score", "chrun"), "Nobody has the score chrun. Did you mean churn?"),
        (persona("savr"), "Nobody is of the persona savr. Did you mean Saver?"),
    ],
)
def test_a_name_that_nobody_has_is_told_with_what_may_be_meant(
    condition: dict[str, Any], said: str
) -> None:
    nested = {"any": [named("trait", "country"), condition]}

    [(path, message)] = told(nested)

    assert path == "all[0].any[1]"
    assert message.endswith(said)


def test_what_somebody_has_or_is_awaited_is_not_told() -> None:
    EventSchema.objects.create(type="newsletter_opened", version=1, schema={})

    known = (named("trait", "country"), named("score", "churn"), persona("SAVER "))
    assert told(*known, counted("wish_list")) == []
    assert told(counted("refund"), counted("newsletter_opened")) == []


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (agreed("advertizing"), "There is no purpose advertizing. Did you mean advertising?"),
        (agreed("Advertising"), "There is no purpose Advertising. Did you mean advertising?"),
        (
            {**counted("purchase"), "category": "lightning-candles"},
            "Nobody has done anything in the category lightning-candles, nor is it in the "
            "catalogue. Did you mean lighting-candles?",
        ),
        (
            {**followed("item_view", "purchase"), "then_category": "Candles"},
            "in the category Candles, nor is it in the catalogue. Did you mean candles?",
        ),
        (viewing("equals", "no-such-cat"), "the category no-such-cat, nor is it in the catalogue."),
        (viewing("not_in", ["candels"]), "nor is it in the catalogue. Did you mean candles?"),
    ],
)
def test_a_purpose_or_category_that_is_none_is_told(condition: dict[str, Any], said: str) -> None:
    make_category(key="lighting-candles")

    [(_, message)] = told(condition)

    assert message.endswith(said)


def test_categories_and_purposes_that_are_there_are_not_told() -> None:
    make_category(key="mugs")
    Privilege.objects.create(key="surveys", name="Surveys", description="We ask you.")
    purchase = counted("purchase")

    assert told({**purchase, "category": "mugs"}, {**purchase, "category": "candles"}) == []
    assert told(viewing("in", ["MUGS", "candles"]), viewing("contains", "tea")) == []
    assert told(*map(agreed, ("necessary", "advertising", "surveys"))) == []


def test_a_persona_of_a_few_is_known_and_not_offered() -> None:
    last = Profile.objects.latest("pk")
    Profile.objects.filter(pk=last.pk).update(facts={**last.facts, "persona": "Collector"})

    assert told(persona("collector")) == []
    assert told(persona("collectors")) == [("all[0]", "Nobody is of the persona collectors.")]


def test_of_nobody_nothing_is_told() -> None:
    Profile.objects.all().delete()

    unknown = {**counted("purchas"), "category": "lightning-candles"}
    assert told(named("trait", "countri"), unknown, viewing("equals", "no-such-cat")) == []


def row(fact: str, **more: str) -> dict[str, str]:
    return {"depth": "0", "fact": fact, "operator": "is_set", **more}


def test_the_form_warns_at_the_row_before_saving_and_saves_all_the_same(
    admin_client: Client,
) -> None:
    typed = sent(row("trait:country"), row("trait:", name="countri"))
    warning = "Nobody has the trait countri. Did you mean country?"

    before = admin_client.post(reverse("segments:preview"), typed).json()
    after = admin_client.post(ADD, typed, follow=True).content.decode()

    assert before["warnings"] == {"rule-1": [warning]}
    assert warning in before["html"]
    assert warning in after
    assert Segment.objects.filter(name="Nested").exists()


def test_the_form_refuses_a_list_that_is_not_there(admin_client: Client) -> None:
    page = admin_client.post(ADD, sent(row("list", name="vips1"))).content.decode()

    assert "There is no list vips1. Did you mean vips-1?" in page
    assert not Segment.objects.filter(name="Nested").exists()
    admin_client.post(ADD, sent(row("list", name="vips-1")))
    assert Segment.objects.filter(name="Nested").exists()


def test_the_api_warns_of_names_and_refuses_lists(call: Call) -> None:
    made = call("POST", "segments", {"name": "New", "rule": {"all": [named("trait", "countri")]}})
    refused = call("POST", "segments", {"name": "On", "rule": {"all": [named("list", "gone")]}})

    assert made.status_code == 201
    [warning] = made.json()["warnings"]
    assert warning["field"] == "rule.all[0]"
    assert warning["message"].startswith("Nobody has the trait countri.")
    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {"field": "rule.all[0].name", "message": "There is no list gone."}
    ]


def test_the_api_and_the_check_tell_of_categories_and_purposes(call: Call) -> None:
    rule = {"all": [viewing("equals", "candels"), agreed("advertizing")]}

    made = call("POST", "segments", {"name": "New", "rule": rule}).json()

    assert [one["field"] for one in made["warnings"]] == ["rule.all[0]", "rule.all[1]"]
    said = [one.problem for one in check_segments(now=NOON) if one.name == "New"]
    assert "There is no purpose advertizing. Did you mean advertising?" in said


def test_the_check_names_what_nobody_has(django_assert_max_num_queries: Any) -> None:
    for number in range(5):
        rule = {"any": [named("score", "chrun"), named("list", "gone"), persona("savr")]}
        Segment.objects.create(name=f"S{number}", rule=rule)

    with django_assert_max_num_queries(20):
        found = check_segments(now=NOON)

    said = [(one.severity, one.problem) for one in found if one.name == "S4"]
    assert ("warning", "Nobody has the score chrun. Did you mean churn?") in said
    assert ("warning", "Nobody is of the persona savr. Did you mean Saver?") in said
    assert ("error", "There is no list gone.") in said
