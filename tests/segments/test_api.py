"""Partner systems read and write segments, and read who is in them."""

from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.test import Client

from consent import checking
from consent.recording import record_choices
from consent.subjects import Identifier, Subject
from personalization.profiles.facts import empty_facts
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.segments import members as members_module
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
from tests.factories import NOON, agree, make_key

from .test_contradicting import bought, country
from .test_references import naming

pytestmark = pytest.mark.django_db
Call = Callable[..., Any]
RULE = {"all": [bought("greater", 3)]}
FRENCH = {"all": [country("equals", "France")]}


@pytest.fixture
def call(client: Client) -> Call:
    """Return a partner's call: call("PUT", path, body, **headers)."""
    key = make_key("segments")

    def ask(method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"Authorization": f"Api-Key {key}", **headers}
        act = getattr(client, method.lower())
        if method == "GET":
            return act(f"/api/v1/{path}", body or {}, headers=sent)
        return act(f"/api/v1/{path}", body, content_type="application/json", headers=sent)

    return ask


def errors(answer: Any) -> dict[str, str]:
    return {one["field"]: one["message"] for one in answer.json()["errors"]}


def make_people(number: int, *, to: tuple[str, ...] = ("personalization",)) -> list[Profile]:
    people = []
    for _ in range(number):
        profile = Profile.objects.create(facts={**empty_facts(), "traits": {"country": "France"}})
        name = Identifier("user", f"u{profile.pk}").pseudonym
        ProfileIdentifier.objects.create(profile=profile, kind="user", pseudonym=name)
        if to:
            agree(user_id=f"u{profile.pk}", to=to)
        people.append(profile)

    return people


def publish_french() -> Segment:
    segment = Segment.objects.create(name="French", rule=FRENCH)
    publish_segment(segment=segment, by="ann", now=NOON)
    return segment


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
    late = call("PUT", "segments/regulars", body, **{"If-Match": etag})

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
    assert LiveEntry.objects.get().definition["rule"] == RULE


def test_what_cannot_be_published_is_not_saved_either(call: Call) -> None:
    Segment.objects.create(name="Draft", rule=RULE)
    body = {"name": "New", "rule": naming("draft"), "publish": True}

    answer = call("POST", "segments", body)

    assert answer.status_code == 409
    assert "publish" in errors(answer)
    assert not Segment.objects.filter(name="New").exists()
    assert not Proposal.objects.exists()


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


def test_without_the_scope_nothing_is_told(client: Client) -> None:
    key = make_key("events", "decisions")
    headers = {"Authorization": f"Api-Key {key}"}

    for path in ("segments", "segments/a", "segments/a/members", "profiles/user:a/segments"):
        assert client.get(f"/api/v1/{path}", headers=headers).status_code == 403
        assert client.get(f"/api/v1/{path}").status_code == 401


def test_members_are_given_page_by_page(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members_module, "AT_ONCE", 4)
    people = make_people(23)
    publish_french()

    found, after = [], None
    while after is not None or not found:
        asked = {"limit": 5} | ({"after": after} if after else {})
        page = call("GET", "segments/french/members", asked).json()
        found += page["members"]
        after = page["next_after"]

    assert [one["profile"] for one in found] == [one.pk for one in people]
    name = Identifier("user", f"u{people[0].pk}").pseudonym
    assert found[0]["identifiers"] == [{"kind": "user", "pseudonym": name}]


def test_only_who_agreed_to_the_purpose_is_given(call: Call) -> None:
    agreed = make_people(10)
    make_people(3, to=())
    refused = make_people(1)[0]
    subject = Subject.of(user_id=f"u{refused.pk}")
    record_choices(subject=subject, choices={"personalization": False}, mechanism="API", now=NOON)
    publish_french()

    page = call("GET", "segments/french/members").json()

    assert [one["profile"] for one in page["members"]] == [one.pk for one in agreed]
    few = call("GET", "segments/french/members", {"purpose": "advertising"})
    assert few.status_code == 409
    assert "purpose" in errors(call("GET", "segments/french/members", {"purpose": "fun"}))


def test_fewer_than_ten_are_not_given(call: Call) -> None:
    make_people(9)
    publish_french()
    assert "Fewer than 10" in errors(call("GET", "segments/french/members"))[""]

    make_people(1)

    assert len(call("GET", "segments/french/members").json()["members"]) == 10


def test_a_draft_has_no_members_and_what_a_visit_decides_neither(call: Call) -> None:
    Segment.objects.create(name="French", rule=FRENCH)
    assert "not live" in errors(call("GET", "segments/french/members"))[""]
    phone = {"fact": "context", "name": "device", "operator": "equals", "value": "mobile"}
    mobile = Segment.objects.create(name="Mobile", rule={"all": [phone]})
    publish_segment(segment=mobile, by="ann", now=NOON)

    answer = call("GET", "segments/mobile/members")

    assert answer.status_code == 409
    assert "depends on the visit" in errors(answer)[""]
    assert call("GET", "segments/none/members").status_code == 404


def test_members_read_are_kept_in_the_history(call: Call) -> None:
    make_people(10)
    publish_french()

    call("GET", "segments/french/members", {"purpose": "personalization"})

    told = HistoryEntry.objects.latest("pk")
    assert (told.by, told.said) == (
        "API key “test”",
        "Members read through the API, for the purpose “personalization”.",
    )


def test_a_profile_is_told_its_segments_with_reasons(call: Call) -> None:
    [anna] = make_people(1)
    publish_french()
    regulars = Segment.objects.create(name="Regulars", rule=RULE)
    publish_segment(segment=regulars, by="ann", now=NOON)

    told = call("GET", f"profiles/user:u{anna.pk}/segments").json()
    every = call("GET", f"profiles/user:u{anna.pk}/segments", {"all": "true"}).json()

    [french] = told["segments"]
    assert (french["key"], french["is_member"]) == ("french", True)
    assert french["because"]["members"][0]["actual"] == "France"
    assert [one["key"] for one in every["segments"]] == ["french", "regulars"]
    assert every["segments"][1]["because"]["members"][0]["nearness"] == "4 purchases short"


def test_strangers_and_who_did_not_agree_are_answered_alike(call: Call) -> None:
    [anna] = make_people(1, to=())
    unknown = call("GET", "profiles/user:nobody/segments")
    silent = call("GET", f"profiles/user:u{anna.pk}/segments")

    assert unknown.status_code == silent.status_code == 404
    assert unknown.content == silent.content
    assert "who" in errors(call("GET", "profiles/nobody/segments"))
    assert "who" in errors(call("GET", "profiles/shoe:42/segments"))


def test_while_nobody_can_say_who_agreed_nobody_is_named(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    [anna] = make_people(10)[:1]
    publish_french()
    away = redis.Redis(port=1)
    monkeypatch.setattr(checking, "redis_connection", lambda: away)

    for path in ("segments/french/members", f"profiles/user:u{anna.pk}/segments"):
        answer = call("GET", path)
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
