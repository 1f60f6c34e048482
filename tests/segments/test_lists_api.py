"""Partner systems replace lists as a whole, and ask how far they are."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from consent.mirroring import mirror_suppressions
from consent.models import Suppression
from consent.subjects import Identifier
from personalization.access.models import ApiKey
from personalization.segments import lists_api, upload_keeping
from personalization.segments.approving import approve
from personalization.segments.listing import list_rule
from personalization.segments.models import (
    ListMember,
    ListUpload,
    LiveEntry,
    Proposal,
    PublishingPolicy,
    Segment,
)
from personalization.segments.upload_reading import read_upload
from tests.factories import NOON, make_key
from tests.rules.test_contradicting import country

pytestmark = pytest.mark.django_db
Call = Callable[..., Any]
PATH = "/api/v1/segments/vips/list"


@pytest.fixture
def vips() -> Segment:
    return Segment.objects.create(name="VIPs", kind="static", rule=list_rule("none-yet"))


@pytest.fixture
def put(client: Client) -> Call:
    """Return how a partner sends a list."""
    key = make_key("segments")

    def send(body: bytes, query: str = "?kind=user", kind: str = "text/csv") -> Any:
        headers = {"Authorization": f"Api-Key {key}"}
        return client.put(f"{PATH}{query}", body, content_type=kind, headers=headers)

    return send


def fields(answer: Any) -> set[str]:
    return {one["field"] for one in answer.json()["errors"]}


@pytest.mark.usefixtures("vips")
def test_a_list_that_is_sent_is_read_by_a_worker_and_goes_live_whole(
    call: Call, put: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists_api, "PART_BYTES", 5)
    sent = put(b"anna\nbert\n" + b"x" * 300 + b"\ncarl\n", "?kind=user&publish=true")
    assert (sent.status_code, sent.json()["state"]) == (202, "waiting")
    assert not ListMember.objects.exists()

    read_upload(ListUpload.objects.get().pk, clock=timezone.now)

    state = call("GET", "segments/vips/list").json()
    assert (state["state"], state["refused"], ListMember.objects.count()) == ("done", 1, 3)
    assert state["refusals"] == [{"line": 3, "reason": "It is longer than 200 characters."}]
    assert LiveEntry.objects.get().definition == Segment.objects.get().definition()
    assert ListUpload.objects.get().made_by == "API key “test”"


@pytest.mark.usefixtures("vips")
def test_a_list_that_is_to_be_live_is_submitted_where_a_second_person_must_approve(
    call: Call, put: Call
) -> None:
    PublishingPolicy.objects.update(needs_approval=True)
    ApiKey.objects.update(owner=User.objects.create_user("ann"))
    put(b"anna\nbert\n", "?kind=user&publish=true")

    read_upload(ListUpload.objects.get().pk, clock=timezone.now)

    proposal = Proposal.objects.get()
    assert (proposal.submitted_by, proposal.key_owner) == ("API key “test”", "ann")
    said = f"It waits for the approval of a second person, under the number {proposal.pk}."
    assert said in call("GET", "segments/vips/list").json()["message"]
    assert not LiveEntry.objects.exists()
    approve(proposal_id=proposal.pk, by="bob", now=timezone.now())
    assert LiveEntry.objects.get().definition == Segment.objects.get().definition()


@pytest.mark.usefixtures("vips")
def test_what_is_no_list_or_too_long_is_refused_and_nothing_is_kept(
    put: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fields(put(b"anna", "?kind=shoe")) == {"kind"}
    assert put(b"{}", kind="application/json").status_code == 415
    assert put(b"").status_code == 400
    monkeypatch.setattr(upload_keeping, "LARGEST", 3)
    assert put(b"anna").status_code == 400

    assert not ListUpload.objects.exists()


def test_a_rule_is_not_replaced_by_a_list(call: Call, put: Call) -> None:
    Segment.objects.create(name="VIPs", rule={"all": [country("equals", "France")]})

    assert fields(put(b"anna")) == {"key"}
    assert call("GET", "segments/vips/list").status_code == 404


@pytest.mark.usefixtures("vips")
def test_a_file_with_an_erased_person_is_answered_like_one_with_an_unknown(
    call: Call, put: Call
) -> None:
    pseudonym = Identifier("user", "anna").pseudonym
    Suppression.objects.create(pseudonym=pseudonym, erased_at=NOON)
    mirror_suppressions([pseudonym])

    def answer(body: bytes) -> Any:
        put(body)
        read_upload(ListUpload.objects.latest("pk").pk, clock=timezone.now)
        return call("GET", "segments/vips/list").json()

    assert answer(b"anna\n") == answer(b"eve\n")
    assert answer(b"anna\n")["message"] == "1 members are on the list."
    assert not ListMember.objects.filter(pseudonym=pseudonym).exists()


@pytest.mark.usefixtures("vips")
def test_a_table_without_a_known_heading_fails_and_says_what_to_call_it(
    call: Call, put: Call
) -> None:
    put(b"id_no,name,city\n13748,Anna,Paris\n")

    read_upload(ListUpload.objects.get().pk, clock=timezone.now)

    state = call("GET", "segments/vips/list").json()
    assert (state["state"], state["refused"]) == ("failed", 0)
    assert "names these columns: id_no, name, city. Call the column" in state["message"]
    assert not ListUpload.objects.get().can_be_tried_again
    assert not ListMember.objects.exists()
