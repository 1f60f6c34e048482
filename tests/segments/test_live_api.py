"""Partner systems take segments offline, back online, and delete what nothing uses."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from personalization.access.models import ApiKey
from personalization.activation.models import Audience, Trigger
from personalization.content.publishing import publish_activity
from personalization.segments.approving import approve
from personalization.segments.models import (
    HistoryEntry,
    LiveEntry,
    Proposal,
    Publication,
    Segment,
)
from personalization.segments.publishing import publish_segment
from tests.activation.world import make_destination
from tests.factories import NOON
from tests.rules.test_contradicting import bought, country
from tests.rules.test_references import naming

from .test_approving import demand_approval, live, make_activity

pytestmark = pytest.mark.django_db
Call = Callable[..., Any]
ANY = {"If-Match": "*"}


@pytest.fixture
def regulars() -> Segment:
    return Segment.objects.create(name="Regulars", rule={"all": [bought("greater", 3)]})


@pytest.fixture
def online(regulars: Segment) -> Segment:
    publish_segment(segment=regulars, by="ann", now=NOON)
    return regulars


def said(answer: Any) -> list[str]:
    return [one["message"] for one in answer.json()["errors"]]


def test_a_segment_goes_offline_and_online_again_and_twice_is_as_once(
    call: Call, online: Segment
) -> None:
    off = [call("DELETE", "segments/regulars/live").json()["state"] for _ in range(2)]
    on = [call("PUT", "segments/regulars/live", {}).json()["state"] for _ in range(2)]

    assert (off, on) == (["draft", "draft"], ["live", "live"])
    assert Publication.objects.count() == 3
    assert live() == online.definition()
    assert call("PUT", "segments/nobody/live", {}).status_code == 404


def test_a_version_that_was_read_is_held_against_what_is_saved(call: Call, online: Segment) -> None:
    etag = call("GET", "segments/regulars")["ETag"]
    assert call("PUT", "segments/regulars/live", {}, **{"If-Match": etag}).status_code == 200
    online.save()

    assert call("PUT", "segments/regulars/live", {}, **{"If-Match": etag}).status_code == 412
    assert call("DELETE", "segments/regulars/live", **{"If-Match": etag}).status_code == 412


@pytest.mark.usefixtures("regulars")
def test_nobody_in_it_is_told_and_insisted_upon(call: Call) -> None:
    nobody = {"all": [country("equals", "France"), country("equals", "Spain")]}
    Segment.objects.update(rule=nobody)

    refused = call("PUT", "segments/regulars/live", {})
    odd = call("PUT", "segments/regulars/live", {"insist": "yes", "now": 1})

    assert (refused.status_code, odd.status_code) == (409, 400)
    assert "insist" in said(refused)[0]
    assert call("PUT", "segments/regulars/live", {"insist": True}).json()["state"] == "live"


def test_what_a_live_activity_shows_does_not_go_offline(call: Call, online: Segment) -> None:
    publish_activity(activity=make_activity(online), by="ann", now=NOON)

    refused = call("DELETE", "segments/regulars/live")

    assert refused.status_code == 409
    assert "Take the activity offline first" in said(refused)[0]
    assert live() is not None


def test_what_a_live_segment_is_built_on_does_not_go_offline(call: Call, online: Segment) -> None:
    built = Segment.objects.create(name="Built on it", rule=naming("regulars"))
    publish_segment(segment=built, by="ann", now=NOON)

    refused = call("DELETE", "segments/regulars/live")

    assert refused.status_code == 409
    assert refused.json()["errors"] == [
        {
            "field": "key",
            "message": "The live segment “Built on it” is built on “Regulars”:"
            " take it offline first.",
        }
    ]
    assert call("DELETE", "segments/built-on-it/live").status_code == 200
    assert call("DELETE", "segments/regulars/live").status_code == 200


def test_going_offline_waits_for_a_second_person_under_one_number(
    call: Call, online: Segment
) -> None:
    demand_approval()
    ApiKey.objects.update(owner=User.objects.create_user("ann"))

    first, again = (call("DELETE", "segments/regulars/live") for _ in range(2))

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["approval"] == again.json()["approval"] == Proposal.objects.get().pk
    assert Proposal.objects.get().key_owner == "ann"
    assert live() == online.definition()
    approve(proposal_id=first.json()["approval"], by="bob", now=NOON)
    assert live() is None
    back = call("PUT", "segments/regulars/live", {})
    assert (back.status_code, back.json()["state"]) == (202, "draft")


def test_the_same_submitted_twice_waits_under_one_number(call: Call) -> None:
    demand_approval()
    body = {"name": "Fans", "rule": {"all": [bought("greater", 3)]}, "publish": True}
    first = call("POST", "segments", body)

    again = call("PUT", "segments/fans", body, **ANY)

    assert (again.status_code, again.json()["approval"]) == (202, first.json()["approval"])
    assert "replaced" not in again.json()
    assert Proposal.objects.count() == 1


def test_a_segment_is_deleted_by_who_states_its_version(call: Call, online: Segment) -> None:
    etag = call("GET", "segments/regulars")["ETag"]
    assert call("DELETE", "segments/regulars").status_code == 428
    assert call("DELETE", "segments/regulars", **{"If-Match": '"1-1"'}).status_code == 412

    gone = call("DELETE", "segments/regulars", **{"If-Match": etag})

    assert (gone.status_code, gone.content) == (204, b"")
    assert not Segment.objects.exists()
    assert live() is None
    last = HistoryEntry.objects.first()
    assert last is not None
    assert (last.said, last.by) == ("“Regulars” was deleted.", "API key “test”")
    assert call("DELETE", "segments/regulars", **{"If-Match": etag}).status_code == 404


def test_what_something_uses_is_not_deleted_and_says_what(call: Call, online: Segment) -> None:
    Segment.objects.create(name="Built on it", rule=naming("regulars"))
    make_activity(online)
    ads = make_destination("https://ads.example/", online)
    Audience.objects.create(name="Letter", segment=online, destination=ads)
    Trigger.objects.create(segment=online, kind="task", task="shop.greet")

    refused = call("DELETE", "segments/regulars", **ANY)

    assert refused.status_code == 409
    assert said(refused) == [
        "Segment “Built on it”, which is built on “Regulars”: change it first.",
        "Activity “Hello”, which is for “Regulars”.",
        "When somebody enters: Run the task shop.greet; at most once in one day for one visitor.",
        "Pushed on a schedule: “Letter” to “Ads”, every one day.",
        "Webhooks that are told: Ads",
    ]
    assert {one["field"] for one in refused.json()["errors"]} == {"key"}
    assert Segment.objects.filter(key="regulars").exists()
    assert live() is not None


def test_a_live_one_is_deleted_once_a_second_person_took_it_offline(
    call: Call, online: Segment
) -> None:
    demand_approval()

    waits = [call("DELETE", "segments/regulars", **ANY) for _ in range(2)]

    assert [one.status_code for one in waits] == [202, 202]
    assert len({one.json()["approval"] for one in waits}) == 1
    assert LiveEntry.objects.get().definition == online.definition()
    approve(proposal_id=waits[0].json()["approval"], by="bob", now=NOON)
    assert call("DELETE", "segments/regulars", **ANY).status_code == 204
    assert not Segment.objects.exists()
