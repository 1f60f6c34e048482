"""Partner systems make lists, combinations and score bands, and send them as often as they like."""

from collections.abc import Callable
from typing import Any

import pytest

from consent.mirroring import mirror_suppressions
from consent.models import Suppression
from consent.subjects import Identifier
from personalization.segments.models import HistoryEntry, ListMember, Publication, Segment
from tests.factories import NOON
from tests.rules.test_contradicting import bought, country

pytestmark = pytest.mark.django_db
Call = Callable[..., Any]
RULE = {"all": [bought("greater", 3)]}
VIPS = {"name": "VIPs", "kind": "static", "ids": {"kind": "user", "values": ["anna", " bert "]}}
BAND = {"name": "Leaving", "kind": "predictive", "score": "churn", "low": 0.7, "high": 1}
ANY = {"If-Match": "*"}


@pytest.fixture
def parts() -> None:
    for name in ("A", "B", "C"):
        Segment.objects.create(name=name, rule=RULE)


def errors(answer: Any) -> dict[str, str]:
    return {one["field"]: one["message"] for one in answer.json()["errors"]}


def listed() -> set[str]:
    return set(ListMember.objects.values_list("pseudonym", flat=True))


def erase(name: str) -> None:
    pseudonym = Identifier("user", name).pseudonym
    Suppression.objects.create(pseudonym=pseudonym, erased_at=NOON)
    mirror_suppressions([pseudonym])


def named(*names: str) -> set[str]:
    return {Identifier("user", name).pseudonym for name in names}


def test_a_list_is_made_with_its_identifiers_and_is_live_at_once(call: Call) -> None:
    made = call("POST", "segments", {**VIPS, "publish": True})

    assert (made.status_code, made.json()["state"], made.json()["kind"]) == (201, "live", "static")
    assert made.json()["listed"] == 2
    assert listed() == named("anna", "bert")
    assert Segment.objects.get().lists.get().made_by == "API key “test”"


def test_a_list_may_get_its_identifiers_later(call: Call) -> None:
    body = {"name": "VIPs", "kind": "static"}
    early = call("POST", "segments", {**body, "publish": True})
    assert "There is no list yet" in errors(early)["publish"]

    made = call("POST", "segments", body)

    assert (made.status_code, made.json()["listed"]) == (201, 0)
    assert made.json()["warnings"] == [{"field": "ids", "message": "It has no list yet."}]
    sent = call("PUT", "segments/vips/list?kind=user", "anna")
    assert sent.status_code == 415  # not as JSON


def test_a_list_keeps_what_it_has_unless_other_identifiers_are_stated(call: Call) -> None:
    call("POST", "segments", VIPS)
    kept = Segment.objects.get().rule

    named_anew = call("PUT", "segments/vips", {"name": "Friends", "kind": "static"}, **ANY)
    assert (named_anew.json()["listed"], Segment.objects.get().rule) == (2, kept)
    ids = {"kind": "user", "values": ["carl"]}
    replaced = call("PUT", "segments/vips", {**VIPS, "ids": ids}, **ANY)

    assert (replaced.json()["listed"], replaced.json()["kind"]) == (1, "static")
    assert Segment.objects.get().rule != kept


@pytest.mark.parametrize("others", [[], ["bert"]])
def test_no_answer_tells_who_was_erased(call: Call, others: list[str]) -> None:
    erase("anna")

    def answers(name: str) -> list[Any]:
        """Return what is told of a list with this name, and whether what follows changes it."""
        body = {**VIPS, "name": f"With {name}", "ids": {"kind": "user", "values": [name, *others]}}
        fewer = {**body, "ids": {"kind": "user", "values": others or ["carl"]}}
        key = call("POST", "segments", body).json()["key"]
        told = [call("GET", f"segments/{key}").json()]
        for sent in (body, fewer):
            before = Segment.objects.get(key=key).rule
            told.append(call("PUT", f"segments/{key}", sent, **ANY).json())
            told.append(Segment.objects.get(key=key).rule == before)
        shown = ("listed", "warnings", "state")
        return [one if one in (True, False) else [one.get(n) for n in shown] for one in told]

    assert answers("anna") == answers("unknown")
    assert Identifier("user", "anna").pseudonym not in listed()


@pytest.mark.usefixtures("parts")
def test_a_combination_names_segments_and_says_so(call: Call) -> None:
    body = {"name": "Mix", "kind": "combined", "in_all": ["a"], "in_any": ["b"], "in_none": ["c"]}

    made = call("POST", "segments", body).json()

    assert made["kind"] == "combined"
    assert {name: made[name] for name in body if name.startswith("in_")} == {
        "in_all": ["a"],
        "in_any": ["b"],
        "in_none": ["c"],
    }
    assert made["rule"]["all"][0] == {
        "fact": "segment",
        "operator": "in_segment",
        "value": "a",
    }


def test_a_score_band_says_its_score_and_both_ends(call: Call) -> None:
    made = call("POST", "segments", BAND).json()
    read = call("GET", "segments", {"kind": "predictive"}).json()["segments"][0]

    assert (made["kind"], made["score"], made["low"], made["high"]) == (
        "predictive",
        "churn",
        0.7,
        1,
    )
    assert read["score"] == "churn"


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "odd", "rule": RULE}, "kind"),
        ({"kind": ["static"]}, "kind"),
        ({"kind": "static", "rule": RULE}, "rule"),
        ({"kind": "dynamic", "rule": RULE, "in_all": ["a"]}, "in_all"),
        ({"kind": "static", "ids": ["anna"]}, "ids"),
        ({"kind": "static", "ids": {"kind": "shoe", "values": ["a"]}}, "ids.kind"),
        ({"kind": "static", "ids": {"kind": ["user"], "values": ["a"]}}, "ids.kind"),
        ({"kind": "static", "ids": {"kind": "user", "values": []}}, "ids.values"),
        ({"kind": "static", "ids": {"kind": "user", "values": ["a"] * 1001}}, "ids.values"),
        ({"kind": "static", "ids": {"kind": "user", "values": ["a", " "]}}, "ids.values[1]"),
        ({"kind": "static", "ids": {"kind": "email", "values": ["a@b.de", "x"]}}, "ids.values[1]"),
        ({"kind": "static", "ids": {"kind": "phone", "values": ["000 000 000"]}}, "ids.values[0]"),
        ({"kind": "combined"}, "in_all"),
        ({"kind": "combined", "in_any": "a"}, "in_any"),
        ({"kind": "combined", "in_any": ["a", "x"]}, "in_any[1]"),
        ({"kind": "combined", "in_any": ["\x00"]}, ""),
        ({"kind": "predictive", "low": 0, "high": 1}, "score"),
        ({"kind": "predictive", "score": "churn", "low": "0", "high": True}, "low"),
        ({"kind": "predictive", "score": "churn", "low": 2, "high": 1}, "high"),
    ],
)
def test_an_error_names_the_place(call: Call, body: Any, field: str) -> None:
    answer = call("POST", "segments", {"name": "New", **body})

    assert answer.status_code == 400, answer.content
    assert field in errors(answer)
    assert Segment.objects.count() == 3


@pytest.mark.usefixtures("parts")
def test_a_combination_with_itself_is_refused(call: Call) -> None:
    call("POST", "segments", {"name": "Mix", "kind": "combined", "in_all": ["a"]})

    answer = call(
        "PUT", "segments/mix", {"name": "Mix", "kind": "combined", "in_any": ["mix"]}, **ANY
    )

    assert list(errors(answer)) == ["in_any"]


def test_a_rule_does_not_become_a_list_and_a_list_becomes_a_rule(call: Call) -> None:
    Segment.objects.create(name="Regulars", rule=RULE)
    call("POST", "segments", VIPS)

    refused = call("PUT", "segments/regulars", {**VIPS, "name": "Regulars"}, **ANY)
    ruled = call("PUT", "segments/vips", {"name": "VIPs", "rule": RULE}, **ANY)

    assert "does not become static" in errors(refused)["kind"]
    assert ruled.json()["kind"] == "dynamic"
    assert "listed" not in ruled.json()


@pytest.mark.parametrize(
    "body", [{"name": "Regulars", "rule": RULE}, VIPS, BAND], ids=["rule", "list", "score"]
)
def test_the_same_sent_again_changes_nothing(call: Call, body: dict[str, Any]) -> None:
    made = call("POST", "segments", {**body, "publish": True})
    key, etag = made.json()["key"], made["ETag"]
    changed = {**body, "description": "For the letter", "publish": True}
    first = call("PUT", f"segments/{key}", changed, **{"If-Match": etag})
    deeds, versions = HistoryEntry.objects.count(), Publication.objects.count()

    again = call("PUT", f"segments/{key}", changed, **{"If-Match": etag})

    assert (again.status_code, again["ETag"], again.json()) == (200, first["ETag"], first.json())
    assert (HistoryEntry.objects.count(), Publication.objects.count()) == (deeds, versions)


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize(
    "body",
    [VIPS, BAND, {"name": "Mix", "kind": "combined", "in_none": ["a"]}],
    ids=["list", "score", "combination"],
)
def test_what_was_read_may_be_sent_back(call: Call, body: dict[str, Any]) -> None:
    made = call("POST", "segments", body).json()
    names = ("name", "description", "kind", "rule")

    for chosen in (names, names[:3] + names[4:], ("name", "description", "rule")):
        sent = {name: made[name] for name in chosen if name in made}
        if "rule" not in chosen:
            sent |= {one: made[one] for one in (*COMBINED, *SCORE) if one in made}
        back = call("PUT", f"segments/{made['key']}", sent, **ANY)
        assert (back.status_code, back.json()) == (200, {**made, **_warned(back)})


COMBINED = ("in_all", "in_any", "in_none")
SCORE = ("score", "low", "high")


def _warned(answer: Any) -> dict[str, Any]:
    return {key: value for key, value in answer.json().items() if key == "warnings"}


def test_a_name_that_is_taken_says_by_which_key(call: Call) -> None:
    call("POST", "segments", {"name": "Regulars", "rule": RULE})

    again = call(
        "POST", "segments", {"name": "Regulars", "rule": {"all": [country("equals", "x")]}}
    )

    assert "its key is regulars" in errors(again)["name"]
