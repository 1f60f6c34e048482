"""What the check says of segments."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from personalization.content.models import Activity, Placement
from personalization.events.models import Event
from personalization.events.partitions import ensure_partitions
from personalization.profiles.models import Profile
from personalization.rules.parsing import parse_rule
from personalization.segments.checking import check_segments
from personalization.segments.linting import Draft, Finding, Population, lint_segments
from personalization.segments.models import Segment
from tests.rules.test_contradicting import bought, country
from tests.rules.test_references import naming

Queries = Callable[[int], Any]
FRENCH = {"all": [country("equals", "France")]}
REGULARS = {"all": [bought("greater", 3)]}


def lint(*raw: Any, **population: Any) -> list[Finding]:
    drafts = [Draft(n, f"s{n}", f"S{n}", parse_rule(one)) for n, one in enumerate(raw)]
    return lint_segments(drafts=drafts, population=Population(**population))


def said(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.severity, one.problem) for one in findings]


def test_a_sound_segment_is_left_alone() -> None:
    assert lint(FRENCH, REGULARS, total=10, matched={"s0": 3, "s1": 1}) == []


def test_a_contradiction_is_an_error_and_says_which_conditions() -> None:
    never = {"all": [country("equals", "France"), country("equals", "Germany")]}

    [found] = lint(never, total=10, matched={"s0": 0})

    assert (found.severity, found.model, found.pk) == ("error", "segments.segment", 0)
    assert "“country is France” and “country is Germany” cannot hold together" in found.problem


def test_one_that_nobody_and_one_that_everybody_matches_today() -> None:
    found = said(lint(FRENCH, REGULARS, total=10, matched={"s0": 0, "s1": 10}))

    assert found == [
        ("warning", "Nobody matches today."),
        ("warning", "Everybody matches today: all 10 profiles."),
    ]


def test_one_that_waits_for_the_right_visit_is_not_for_everybody() -> None:
    on_phones = {"all": [{"fact": "context", "name": "device", "operator": "is_set"}]}

    assert lint(on_phones, total=10, matched={"s0": 10}) == []


def test_one_that_always_matches_is_told_once() -> None:
    found = said(lint({"all": [bought("at_least", 0)]}, total=10, matched={"s0": 10}))

    assert found == [("warning", "It matches everybody, whoever they are.")]


def test_the_second_of_two_that_say_the_same_is_named() -> None:
    [found] = lint(FRENCH, {"any": [country("in", ["FRANCE"])]})

    assert (found.name, found.severity) == ("S1", "hint")
    assert found.problem == "It says the same as “S0”."


def test_facts_that_stopped_arriving_are_named() -> None:
    nobody = {"total": 10, "matched": {"s0": 0, "s1": 0}}
    found = lint(FRENCH, REGULARS, silent_events={"purchase"}, missing_traits={"country"}, **nobody)

    assert [one.problem for one in found] == [
        "Nobody has the trait “country”.",
        "For 14 days no purchase has arrived.",
    ]


def test_a_rule_that_cannot_be_read_is_an_error() -> None:
    [found] = lint_segments(
        drafts=[Draft(1, "s", "S", None, fault="all: gone")], population=Population()
    )

    assert (found.severity, found.problem) == ("error", "It cannot be read: all: gone")


def make_event(kind: str, *, days_ago: int) -> None:
    moment = timezone.now() - timedelta(days=days_ago)
    ensure_partitions([moment])
    Event.objects.create(
        id=f"00000000-0000-0000-0000-{days_ago:012}",
        occurred_at=moment,
        received_at=moment,
        profile_id=1,
        type=kind,
        properties={},
        context={},
        purposes=[],
    )


@pytest.mark.django_db
def test_the_page_tells_what_stopped_from_what_arrives(admin_client: Client) -> None:
    make_event("purchase", days_ago=15)
    make_event("item_view", days_ago=13)
    viewed = {**bought("greater", 3), "event": "item_view"}
    Segment.objects.create(name="Regulars", rule=REGULARS)
    Segment.objects.create(name="Lookers", rule={"all": [viewed]})

    page = admin_client.get(reverse("admin:segments_segment_lint")).content.decode()

    assert "For 14 days no purchase has arrived." in page
    assert "no item view" not in page


@pytest.mark.django_db
def test_the_page_lists_findings_with_links_the_worst_first(admin_client: Client) -> None:
    Profile.objects.create(facts={})
    never = {"all": [bought("less", 0)]}
    broken = Segment.objects.create(name="Broken", rule=never)
    Segment.objects.create(name="Aloof", rule=REGULARS)
    make_event("purchase", days_ago=1)

    page = admin_client.get(reverse("admin:segments_segment_lint")).content.decode()

    assert reverse("admin:segments_segment_change", args=[broken.pk]) in page
    assert "No activity is for it." in page
    assert page.index("can hold for nobody") < page.index("Nobody matches today")
    assert page.index("Nobody matches today") < page.index("No activity is for it")


@pytest.mark.django_db
def test_with_nothing_to_mend_the_page_says_so(admin_client: Client) -> None:
    page = admin_client.get(reverse("admin:segments_segment_lint")).content.decode()

    assert "Nothing to mend" in page


@pytest.mark.django_db
def test_checking_many_takes_as_many_queries_as_checking_few(
    admin_client: Client, django_assert_max_num_queries: Queries
) -> None:
    placement = Placement.objects.create(key="home", name="Home")
    for n in range(120):
        one = Segment.objects.create(name=f"S{n}", rule={"all": [bought("greater", n)]})
        Activity.objects.create(name=f"A{n}", segment=one, placement=placement)

    with django_assert_max_num_queries(20):
        admin_client.get(reverse("admin:segments_segment_lint"))


@pytest.mark.django_db
def test_who_may_not_see_segments_may_not_check_them(client: Client) -> None:
    client.force_login(User.objects.create_user("sam", is_staff=True))

    assert client.get(reverse("admin:segments_segment_lint")).status_code == 403


@pytest.mark.django_db
def test_what_a_named_segment_excludes_is_found() -> None:
    Segment.objects.create(name="French", rule=FRENCH)
    rule = {"all": [*naming("french")["all"], country("equals", "Germany")]}
    Segment.objects.create(name="Never", rule=rule)

    never = [one for one in check_segments(now=timezone.now()) if one.name == "Never"]

    assert [one.severity for one in never] == ["error"]
    assert "cannot hold together" in never[0].problem
