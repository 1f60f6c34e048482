"""A segment that nobody can be in is told before it is saved, and confirmed before it is live."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from personalization.content.publishing import publish_activity
from personalization.rules.parsing import parse_rule
from personalization.segments.approving import approve, publish_due
from personalization.segments.models import LiveEntry, Proposal, Publication, Segment
from personalization.segments.publishing import NobodyIsIn, publish_segment, revert
from personalization.segments.restoring import restore_segment
from personalization.segments.ruling_out import why_nobody
from personalization.segments.submitting import submit
from tests.factories import NOON
from tests.rules.test_contradicting import bought

from .test_approval_pages import signed_in
from .test_approving import demand_approval, make_activity

pytestmark = pytest.mark.django_db
CLASH = "“country is France” and “country is Germany” cannot hold together"
ADD = "/admin/segments/segment/add/"


def country(name: str) -> dict[str, Any]:
    return {"fact": "trait", "name": "country", "operator": "equals", "value": name}


def inside(key: str, operator: str = "in_segment") -> dict[str, Any]:
    return {"fact": "segment", "operator": operator, "value": key}


def first(operator: str, day: str) -> dict[str, Any]:
    return {"fact": "first", "event": "purchase", "operator": operator, "value": day}


NOBODY = {"all": [country("France"), country("Germany")]}
BUYS_IN_FRANCE = {"all": [country("France"), bought("greater", 3)]}
KNOWN = {
    "french": parse_rule({"all": [country("France")]}),
    "german": parse_rule({"all": [country("Germany")]}),
    "buyers": parse_rule(BUYS_IN_FRANCE),
}


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (NOBODY, CLASH),
        ({"all": [inside("french"), inside("german")]}, CLASH),
        ({"all": [inside("buyers"), inside("german")]}, CLASH),
        ({"all": [inside("buyers"), {"none": [inside("buyers")]}]}, "it asks for “buyers” and"),
        ({"all": [inside("buyers"), inside("buyers", "not_in_segment")]}, "leaves “buyers” out"),
        (
            {"all": [{"any": [inside("buyers")]}, {"none": [inside("buyers"), inside("german")]}]},
            "it leaves out all it offers: buyers",
        ),
        (
            {"all": [{"all": [first("after", "2026-05-01")]}, first("before", "2026-04-01")]},
            "cannot hold together",
        ),
    ],
)
def test_it_is_said_why_nobody_can_be_in_it(rule: dict[str, Any], reason: str) -> None:
    assert reason in why_nobody(parse_rule(rule), resolve=KNOWN.get)


@pytest.mark.parametrize(
    "rule",
    [
        BUYS_IN_FRANCE,
        {"any": [country("France"), country("Germany")]},
        {"all": [inside("french"), {"none": [inside("german")]}]},
        {"all": [{"any": [inside("french"), inside("german")]}, {"none": [inside("german")]}]},
        {"any": [NOBODY, country("Malta")]},
        {"none": [NOBODY]},
    ],
)
def test_nothing_is_said_where_somebody_may_be(rule: dict[str, Any]) -> None:
    assert why_nobody(parse_rule(rule), resolve=KNOWN.get) == ""


@pytest.fixture
def nobody() -> Segment:
    return Segment.objects.create(name="Nobody", rule=NOBODY)


def test_every_path_to_live_asks_whether_it_is_meant(nobody: Segment) -> None:
    activity = make_activity(nobody)
    changes = {("segments", "nobody"): nobody.definition()}

    for act in (
        lambda: publish_segment(segment=nobody, by="ann", now=NOON),
        lambda: publish_activity(activity=activity, by="ann", now=NOON),
        lambda: submit(changes=changes, by="ann", note="", now=NOON),
    ):
        with pytest.raises(NobodyIsIn, match="Nobody can be in “Nobody”: “country is France”"):
            act()

    assert not Publication.objects.exists()
    publish_segment(segment=nobody, by="ann", now=NOON, insists=True)
    # It is live, and the activity changes nothing of it.
    publish_activity(activity=activity, by="ann", now=NOON)


def test_going_back_to_what_was_meant_asks_nobody(nobody: Segment) -> None:
    publish_segment(segment=nobody, by="ann", now=NOON, insists=True)
    nobody.rule = BUYS_IN_FRANCE
    publish_segment(segment=nobody, by="ann", now=NOON)

    restore_segment(segment=nobody, to_version=1, by="ann", now=NOON)
    revert(to_version=2, by="ann", now=NOON)
    revert(to_version=1, by="ann", now=NOON)

    assert LiveEntry.objects.get().definition == {"name": "Nobody", "rule": NOBODY}


def test_who_approves_sees_that_it_is_meant(nobody: Segment) -> None:
    demand_approval()
    changes = {("segments", "nobody"): nobody.definition()}
    waiting = submit(changes=changes, by="ann", note="Nobody", now=NOON, insists=True)
    page = reverse("admin:segments_proposal_change", args=[waiting.pk])

    shown = signed_in("bob").get(page).content.decode()
    approve(proposal_id=waiting.pk, by="bob", now=NOON)

    assert "ann was told, and wants it live all the same" in shown
    assert "Nothing speaks against it." in shown
    assert LiveEntry.objects.get().definition is not None


def sent(**more: str) -> dict[str, str]:
    rows = {"rule-match": "all", "rule-TOTAL_FORMS": "2", "rule-INITIAL_FORMS": "0"}
    for number, name in enumerate(("France", "Germany")):
        row = {"fact": "trait:country", "operator": "equals", "value": name, "depth": "0"}
        rows |= {f"rule-{number}-{field}": value for field, value in row.items()}
    return {"name": "Nobody", **rows, **more}


def test_publishing_a_rule_for_nobody_is_confirmed_and_nothing_typed_is_lost(
    admin_client: Client,
) -> None:
    asked = admin_client.post(ADD, sent(_publish="")).content.decode()

    assert "Publish although nobody can be in it" in asked
    assert "Nobody can fulfil this and also: country is France." in asked  # at the condition
    assert 'value="Germany"' in asked
    assert not Segment.objects.exists()
    done = admin_client.post(ADD, sent(_publish="", insists="on"), follow=True).content.decode()
    assert "is live as version 1" in done


def test_a_draft_for_nobody_is_saved_with_a_warning(admin_client: Client) -> None:
    said = admin_client.post(ADD, sent(_save=""), follow=True).content.decode()

    assert Segment.objects.get().name == "Nobody"
    assert f"Nobody can be in it: {CLASH}." in said


def test_a_row_says_that_the_segment_it_names_leaves_nobody(admin_client: Client) -> None:
    Segment.objects.create(name="French", rule={"all": [country("France")]})
    Segment.objects.create(name="German", rule={"all": [country("Germany")]})
    rows = {"rule-match": "all", "rule-TOTAL_FORMS": "2", "rule-INITIAL_FORMS": "0"}
    for number, key in enumerate(("french", "german")):
        row = {"fact": "segment", "operator": "in_segment", "value": key, "depth": "0"}
        rows |= {f"rule-{number}-{field}": value for field, value in row.items()}

    answer = admin_client.post(reverse("segments:preview"), rows).json()

    assert answer["warnings"]["rule-1"] == [f"Nobody can be in it: {CLASH}."]


def test_a_combination_for_nobody_is_told_at_the_picker_before_it_is_saved(
    admin_client: Client,
) -> None:
    french = Segment.objects.create(name="French", rule=BUYS_IN_FRANCE)
    publish_segment(segment=french, by="ann", now=NOON)
    combined = {"name": "Nobody", "in_all": ["french"], "in_none": ["french"]}
    add = f"{ADD}?kind=combined"

    asked = admin_client.post(add, combined)

    said = "Nobody can be in it: it asks for “French” and leaves “French” out."
    assert asked.context["adminform"].form.errors == {"in_all": [said]}
    assert "Save it although nobody can be in it" in asked.content.decode()
    assert Segment.objects.count() == 1
    admin_client.post(add, {**combined, "insists": "on", "_publish": ""})
    assert LiveEntry.objects.get(key="nobody").definition is not None


def test_a_time_for_a_segment_for_nobody_is_confirmed(admin_client: Client) -> None:
    nobody = Segment.objects.create(name="Nobody", rule=NOBODY)
    page = reverse("admin:segments_segment_schedule", args=[nobody.pk])
    at = {"at": "2099-07-01T09:00", "zone": "UTC"}
    assert "although nobody" not in admin_client.get(page).content.decode()

    asked = admin_client.post(page, at).content.decode()

    assert "Publish although nobody can be in it" in asked
    assert "Nobody can be in “Nobody”" in asked
    assert not Proposal.objects.exists()
    admin_client.post(page, {**at, "insists": "on"})
    due = Proposal.objects.get().publish_at
    assert due is not None
    assert publish_due(now=due + timedelta(minutes=1)) == 1


def test_a_time_for_an_activity_for_nobody_is_confirmed_too(admin_client: Client) -> None:
    activity = make_activity(Segment.objects.create(name="Nobody", rule=NOBODY))
    page = reverse("admin:content_activity_schedule", args=[activity.pk])

    said = admin_client.post(page, {"at": "2099-07-01T09:00", "zone": "UTC"}).content.decode()

    assert "Nobody can be in “Nobody”" in said


def test_the_api_names_it_and_takes_an_insistence(call: Callable[..., Any]) -> None:
    body = {"name": "Nobody", "rule": NOBODY}

    refused = call("POST", "segments", {**body, "publish": True})
    saved = call("POST", "segments", body)
    put = {"If-Match": "*"}
    live = call("PUT", "segments/nobody", {**body, "publish": True, "insist": True}, **put)
    wrong = call("PUT", "segments/nobody", {**body, "insist": "yes"}, **put)

    assert refused.status_code == 409
    assert refused.json()["errors"] == [
        {
            "field": "publish",
            "message": f"Nobody can be in “Nobody”: {CLASH}."
            " Send “insist”: true to publish it all the same.",
        }
    ]
    assert (saved.status_code, saved.json()["warnings"]) == (
        201,
        [{"field": "rule", "message": f"Nobody can be in it: {CLASH}."}],
    )
    assert (live.status_code, live.json()["version"]) == (200, 1)
    assert wrong.json()["errors"] == [{"field": "insist", "message": "Use true or false."}]
