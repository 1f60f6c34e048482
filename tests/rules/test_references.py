"""A rule may name segments, but in no circle, and none that is not there."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from personalization.profiles.models import Profile
from personalization.rules.compiling import Known, compile_rule
from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.querying import NotCountable, matching_profiles
from personalization.rules.references import MAX_NESTED, among, inlined
from personalization.segments.models import Segment, saved_rule
from personalization.segments.previewing import preview_rule
from personalization.segments.publishing import NotPublishable, publish, publish_segment

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
FRENCH = {"all": [{"fact": "trait", "name": "country", "operator": "equals", "value": "France"}]}
MOBILE = {"all": [{"fact": "context", "name": "device", "operator": "equals", "value": "mobile"}]}


def naming(key: str, operator: str = "in_segment") -> dict[str, Any]:
    return {"all": [{"fact": "segment", "operator": operator, "value": key}]}


def resolving(**rules: dict[str, Any]) -> Any:
    return among({key: {"rule": rule} for key, rule in rules.items()})


def test_who_is_in_a_segment_is_judged_by_its_rule() -> None:
    compiled = compile_rule(parse_rule(naming("french")), resolve=resolving(french=FRENCH))
    visitor = Known({"traits": {"country": "France"}}, {}, NOON)

    assert compiled.matches(visitor)
    assert compiled.sentence == "In the segment “french”."
    [verdict] = compiled.judge(visitor).members
    assert verdict.sentence == "in the segment “french”"
    assert verdict.members[0].members[0].sentence == "country is France"


def test_a_segment_about_the_visit_alone_reads_no_profile() -> None:
    compiled = compile_rule(parse_rule(naming("mobile")), resolve=resolving(mobile=MOBILE))

    assert not compiled.reads_profile


def test_a_missing_segment_is_named_at_its_condition() -> None:
    rule = {"all": [*FRENCH["all"], {"any": naming("gone")["all"]}]}

    with pytest.raises(RuleError) as refused:
        compile_rule(parse_rule(rule))

    assert refused.value.field_path == "all[1].any[0].value"
    assert refused.value.message == "There is no segment “gone”."


@pytest.mark.parametrize(
    ("rules", "circle"),
    [
        ({"a": naming("a")}, "a → a"),
        ({"a": naming("b"), "b": naming("c"), "c": naming("a")}, "a → b → c → a"),
        ({"a": naming("b"), "b": naming("a", "not_in_segment")}, "a → b → a"),
    ],
)
def test_a_circle_is_found_and_its_way_named(rules: Any, circle: str) -> None:
    with pytest.raises(RuleError, match=f"circle: {circle}") as refused:
        inlined(parse_rule(naming("a")), resolve=resolving(**rules))

    assert refused.value.field_path == "all[0].value"


def test_segments_go_so_deep_and_no_deeper() -> None:
    chain = {f"s{n}": naming(f"s{n + 1}") for n in range(9)}
    deepest = {**chain, f"s{MAX_NESTED}": FRENCH}
    inlined(parse_rule(naming("s1")), resolve=resolving(**deepest), key="s0")

    with pytest.raises(RuleError, match="deep"):
        inlined(parse_rule(naming("s1")), resolve=resolving(**{**chain, "s9": FRENCH}), key="s0")


def test_what_segments_bring_along_does_not_grow_without_bounds() -> None:
    many = {f"s{n}": {"any": naming(f"s{n + 1}")["all"] * 100} for n in range(5)}

    with pytest.raises(RuleError, match="more than 1,000 conditions"):
        inlined(parse_rule(naming("s1")), resolve=resolving(**{**many, "s5": FRENCH}))


@pytest.mark.django_db
def test_a_circle_is_refused_when_a_segment_is_saved() -> None:
    first = Segment.objects.create(name="First", rule=FRENCH)
    Segment.objects.create(name="Second", rule=naming("first"))
    first.rule = naming("second")

    with pytest.raises(RuleError, match="first → second → first"):
        first.save()
    with pytest.raises(RuleError, match="no segment “gone”"):
        Segment.objects.create(name="Third", rule=naming("gone"))


@pytest.mark.django_db
def test_the_form_shows_a_circle_at_its_row(admin_client: Client) -> None:
    first = Segment.objects.create(name="First", rule=FRENCH)
    Segment.objects.create(name="Second", rule=naming("first"))
    url = reverse("admin:segments_segment_change", args=[first.pk])
    sent = {
        "name": "First",
        "rule-match": "all",
        "rule-json": "",
        "rule-TOTAL_FORMS": "2",
        "rule-INITIAL_FORMS": "0",
        "rule-1-fact": "segment",
        "rule-1-operator": "in_segment",
        "rule-1-value": "second",
    }

    page = admin_client.post(url, sent).content.decode()

    assert 'id="id_rule-1-value_error">These segments lead in a circle: First → Second' in page
    first.refresh_from_db()
    assert first.rule == FRENCH


@pytest.mark.django_db
def test_the_page_of_a_segment_whose_segment_is_gone_still_opens(admin_client: Client) -> None:
    french = Segment.objects.create(name="French", rule=FRENCH)
    second = Segment.objects.create(name="Second", rule=naming("french"))
    french.delete()

    url = reverse("admin:segments_segment_change", args=[second.pk])
    assert "There is no segment “french”." in admin_client.get(url).content.decode()


@pytest.mark.django_db
def test_a_population_is_counted_through_saved_segments() -> None:
    Profile.objects.bulk_create(
        Profile(facts={"traits": {"country": country}}) for country in ("France", "Spain", "Spain")
    )
    Segment.objects.create(name="French", rule=FRENCH)

    assert (
        matching_profiles(parse_rule(naming("french")), now=NOON, resolve=saved_rule).count() == 1
    )
    abroad = parse_rule(naming("french", "not_in_segment"))
    assert matching_profiles(abroad, now=NOON, resolve=saved_rule).count() == 2


@pytest.mark.django_db
def test_a_segment_about_the_visit_cannot_be_counted_where_it_is_named_either() -> None:
    Segment.objects.create(name="Mobile", rule=MOBILE)
    rule = parse_rule(naming("mobile"))

    with pytest.raises(NotCountable, match="device is mobile"):
        matching_profiles(rule, now=NOON, resolve=saved_rule)
    assert preview_rule(rule=rule, now=NOON).visit_conditions == ("device is mobile",)


@pytest.mark.django_db
def test_a_segment_goes_live_only_with_those_it_names() -> None:
    french = Segment.objects.create(name="French", rule=FRENCH)
    second = Segment.objects.create(name="Second", rule=naming("french"))

    with pytest.raises(NotPublishable, match=r"“Second”.*no segment “french”"):
        publish_segment(segment=second, by="ann", now=NOON)
    publish_segment(segment=french, by="ann", now=NOON)
    publish_segment(segment=second, by="ann", now=NOON)

    with pytest.raises(NotPublishable, match="“Second”"):
        publish(section="segments", key="french", definition=None, by="ann", note="", now=NOON)
