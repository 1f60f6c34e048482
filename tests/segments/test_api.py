"""Partner systems read and write segments, and read who is in them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from personalization.segments.approving import approve
from personalization.segments.models import (
    HistoryEntry,
    LiveEntry,
    Proposal,
    Publication,
    PublishingPolicy,
    Segment,
)
from personalization.segments.publishing import publish_segment
from tests.factories import NOON, make_key
from tests.rules.test_contradicting import bought, country
from tests.rules.test_references import naming

pytestmark = pytest.mark.django_db
Call = Callable[..., Any]
RULE = {"all": [bought("greater", 3)]}
FRENCH = {"all": [country("equals", "France")]}


def errors(answer: Any) -> dict[str, str]:
    return {one["field"]: one["message"] for one in answer.json()["errors"]}


def test_a_partner_makes_reads_and_replaces_a_segment(call: Call) -> None:
    made = call("POST", "segments", {"name": "Regulars", "rule": RULE})
    assert made.status_code == 201
    assert made.json()["state"] == "draft"
    assert made.json()["sentence"].startswith("More than 3 purchases")

    read = call("GET", "segments/regulars")
    body = {"name": "Regular buyers", "description": "For the newsletter", "rule": FRENCH}
    replaced = call("PUT", "segments/regulars", body, **{"If-Match": read["ETag"]})

    assert replaced.status_code == 200
    assert replaced.json()["name"] == "Regular buyers"
    assert replaced["ETag"] != read["ETag"]
    assert Segment.objects.get().rule == FRENCH
    said = list(HistoryEntry.objects.values_list("said", "by"))
    assert said == [
        (
            "Saved; the rule changed. Renamed from “Regulars” to “Regular buyers”."
            " Its description changed.",
            "API key “test”",
        ),
        ("Made.", "API key “test”"),
    ]


def test_a_change_states_what_it_changes(call: Call) -> None:
    Segment.objects.create(name="Regulars", rule=RULE)
    body = {"name": "Regulars", "rule": FRENCH}
    etag = call("GET", "segments/regulars")["ETag"]

    assert call("PUT", "segments/regulars", body).status_code == 428
    assert call("PUT", "segments/regulars", body, **{"If-Match": etag}).status_code == 200
    late = call("PUT", "segments/regulars", {**body, "rule": RULE}, **{"If-Match": etag})

    assert late.status_code == 412
    assert "changed since you read it" in errors(late)[""]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rule": RULE}, "name"),
        ({"name": " ", "rule": RULE}, "name"),
        ({"name": "x" * 81, "rule": RULE}, "name"),
        ({"name": "Taken", "rule": RULE}, "name"),
        ({"name": "New"}, "rule"),
        ({"name": "New", "rule": {"all": []}}, "rule.all"),
        ({"name": "New", "rule": {"all": [{"fact": "count"}]}}, "rule.all[0].event"),
        (
            {"name": "New", "rule": {"any": [RULE, {"all": [{"fact": "x"}]}]}},
            "rule.any[1].all[0].fact",
        ),
        ({"name": "New", "rule": naming("missing")}, "rule.all[0].value"),
        ({"name": "New", "rule": RULE, "publish": "yes"}, "publish"),
        ({"name": "New", "rule": RULE, "description": 3}, "description"),
        ({"name": "New", "rule": RULE, "priority": 3}, "priority"),
        ([], "name"),
    ],
)
def test_an_error_names_the_place(call: Call, body: Any, field: str) -> None:
    Segment.objects.create(name="Taken", rule=RULE)

    answer = call("POST", "segments", body)

    assert answer.status_code == 400
    assert field in errors(answer)
    assert Segment.objects.count() == 1


def test_publishing_is_a_flag(call: Call) -> None:
    made = call("POST", "segments", {"name": "Regulars", "rule": RULE, "publish": True})

    assert (made.status_code, made.json()["state"], made.json()["version"]) == (201, "live", 1)
    assert Publication.objects.get().published_by == "API key “test”"


def test_publishing_through_the_api_obeys_the_second_person(call: Call) -> None:
    PublishingPolicy.objects.update(needs_approval=True)

    made = call("POST", "segments", {"name": "Regulars", "rule": RULE, "publish": True})

    assert (made.status_code, made.json()["state"]) == (202, "draft")
    assert not LiveEntry.objects.exists()
    approve(proposal_id=made.json()["approval"], by="bob", now=NOON)
    live = LiveEntry.objects.get().definition
    assert live is not None
    assert live["rule"] == RULE


def test_what_cannot_be_published_is_not_saved_either(call: Call) -> None:
    Segment.objects.create(name="Draft", rule=RULE)
    body = {"name": "New", "rule": naming("draft"), "publish": True}

    answer = call("POST", "segments", body)

    assert answer.status_code == 409
    assert "publish" in errors(answer)
    assert not Segment.objects.filter(name="New").exists()
    assert not Proposal.objects.exists()


def test_sentences_and_reasons_say_segments_by_name(
    call: Call,
) -> None:
    named = {"fact": "segment", "operator": "in_segment", "value": "fr"}
    Segment.objects.create(name="From France", key="fr", rule=RULE)
    never = {"all": [named, {**named, "operator": "not_in_segment"}]}

    made = call("POST", "segments", {"name": "Both", "rule": {"all": [named]}}).json()
    warned = call("POST", "segments", {"name": "Never", "rule": never}).json()["warnings"]
    read = call("GET", "segments/both").json()
    listed = call("GET", "segments").json()["segments"]

    assert made["rule"] == {"all": [named]}
    assert made["sentence"] == read["sentence"] == "In the segment “From France”."
    assert "In the segment “From France”." in [one["sentence"] for one in listed]
    said = "Nobody can be in it: it asks for “From France” and leaves “From France” out."
    assert [one["message"] for one in warned] == [said]


def test_a_circle_is_refused_by_name(call: Call) -> None:
    rules = {
        key: {"all": [{"fact": "segment", "operator": "in_segment", "value": other}]}
        for key, other in (("a", "b"), ("b", "a"))
    }
    Segment.objects.create(name="Ants", key="a", rule=RULE)
    Segment.objects.create(name="Bees", key="b", rule=rules["b"])
    tag = call("GET", "segments/a").headers["ETag"]

    changed = {"name": "Ants", "rule": rules["a"]}
    refused = call("PUT", "segments/a", changed, **{"If-Match": tag})

    assert "in a circle: Ants → Bees → Ants" in str(refused.json()["errors"])


def test_segments_are_listed_page_by_page(call: Call) -> None:
    for name in ("A", "B", "C"):
        Segment.objects.create(name=name, rule=RULE)
    publish_segment(segment=Segment.objects.get(name="B"), by="ann", now=NOON)

    first = call("GET", "segments", {"limit": 2}).json()
    rest = call("GET", "segments", {"limit": 2, "after": first["next_after"]}).json()

    assert [one["key"] for one in first["segments"] + rest["segments"]] == ["a", "b", "c"]
    assert rest["next_after"] is None
    live = call("GET", "segments", {"state": "live"}).json()["segments"]
    assert [one["key"] for one in live] == ["b"]
    assert len(call("GET", "segments", {"state": "draft"}).json()["segments"]) == 2
    assert call("GET", "segments", {"kind": "static"}).json()["segments"] == []
    assert "kind" in errors(call("GET", "segments", {"kind": "odd"}))
    assert "limit" in errors(call("GET", "segments", {"limit": "501"}))
    assert "limit" in errors(call("GET", "segments", {"limit": "0"}))


@pytest.mark.parametrize("rest", ["", "/members", "/list"])
def test_a_segment_that_is_not_there_is_said_to_be_missing(call: Call, rest: str) -> None:
    answer = call("GET", f"segments/nobody{rest}")

    assert answer.status_code == 404
    assert errors(answer) == {"key": "There is no segment with this key."}


def test_without_the_scope_nothing_is_told(client: Client) -> None:
    key = make_key("events", "decisions")
    headers = {"Authorization": f"Api-Key {key}"}

    for path in ("segments", "segments/a", "segments/a/members", "profiles/user:a/segments"):
        assert client.get(f"/api/v1/{path}", headers=headers).status_code == 403
        assert client.get(f"/api/v1/{path}").status_code == 401
