"""Partner systems read who is in a segment, and in which segments somebody is."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent import checking
from consent.recording import record_choices
from consent.subjects import Identifier, Subject
from personalization.profiles.facts import empty_facts
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.segments import members as members_module
from personalization.segments.models import HistoryEntry, Segment
from personalization.segments.publishing import publish_segment
from tests.factories import NOON, agree
from tests.rules.test_contradicting import bought, country

pytestmark = pytest.mark.django_db
Call = Callable[..., Any]
RULE = {"all": [bought("greater", 3)]}
FRENCH = {"all": [country("equals", "France")]}


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


def test_members_are_given_page_by_page(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members_module, "AT_ONCE", 4)
    people = make_people(23)
    publish_french()

    found: list[dict[str, Any]] = []
    after = None
    while after is not None or not found:
        asked = {"limit": 5} | ({"after": after} if after else {})
        page = call("GET", "segments/french/members", asked).json()
        found += page["members"]
        after = page["next_after"]

    assert [one["profile"] for one in found] == [one.pk for one in people]
    name = Identifier("user", f"u{people[0].pk}").pseudonym
    assert found[0]["identifiers"] == [{"kind": "user", "pseudonym": name}]


def pages(call: Call, key: str, **asked: Any) -> Iterator[list[int]]:
    """Yield the profiles on each page until the end."""
    after = None
    while True:
        more: dict[str, str] = {"after": after} if after else {}
        page = call("GET", f"segments/{key}/members", {**asked, **more}).json()
        yield [one["profile"] for one in page["members"]]
        after = page["next_after"]
        if after is None:
            return


def test_where_few_match_pages_are_empty_until_ten_are_known_and_then_nobody_is_missing(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members_module, "WINDOW", 3)
    wanted = []
    for _ in range(12):
        make_people(3, to=())
        wanted += [one.pk for one in make_people(1)]
    publish_french()

    found = list(pages(call, "french", limit=4))

    first = next(number for number, page in enumerate(found) if page)
    assert first > 1
    assert [pk for page in found for pk in page] == wanted


def test_a_page_asks_as_often_however_few_match(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members_module, "WINDOW", 3)
    make_people(40, to=())
    publish_french()
    call("GET", "segments/french/members")  # what is looked up once

    counted = []
    for number in (0, 200):
        make_people(number, to=())
        with CaptureQueriesContext(connection) as captured:
            page = call("GET", "segments/french/members").json()
        counted.append(len(captured))
        assert (page["members"], page["next_after"] is None) == ([], False)

    assert counted[0] == counted[1]


def test_nine_people_are_not_named_however_long_one_looks(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members_module, "WINDOW", 3)
    for _ in range(9):
        make_people(4, to=())
        make_people(1)
    publish_french()
    answer = call("GET", "segments/french/members")
    while answer.status_code == 200:
        assert answer.json()["members"] == []
        answer = call("GET", "segments/french/members", {"after": answer.json()["next_after"]})

    assert answer.status_code == 409


def test_a_cursor_is_good_for_its_list_as_it_was_and_for_no_other(call: Call) -> None:
    make_people(12, to=("personalization", "advertising"))
    french = publish_french()
    after = call("GET", "segments/french/members", {"limit": 3}).json()["next_after"]
    asked = {"limit": 3, "after": after}
    assert len(call("GET", "segments/french/members", asked).json()["members"]) == 3
    made_up = {"after": f"0{after[after.index('~') :]}"}

    for wrong in (made_up, {"after": "17"}, {**asked, "purpose": "advertising"}):
        assert "after" in errors(call("GET", "segments/french/members", wrong))
    french.rule = {"all": [country("not_equals", "Spain")]}
    french.save()
    publish_segment(segment=french, by="ann", now=NOON)

    assert "begin again" in errors(call("GET", "segments/french/members", asked))["after"]


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
    assert "limit" in errors(call("GET", "segments/french/members", {"limit": "0"}))


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
