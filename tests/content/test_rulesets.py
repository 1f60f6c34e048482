"""Each process holds what is live, compiled, and changes it as a whole."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from personalization.content import rulesets
from personalization.content.publishing import publish_activity
from personalization.content.rulesets import (
    EMPTY,
    Ruleset,
    compile_ruleset,
    forget_ruleset,
    ruleset_for,
)
from personalization.rules.compiling import Known
from personalization.segments.publishing import current_document

from .conftest import FRENCH, Make

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    forget_ruleset()
    yield
    forget_ruleset()


def activity(**fields: Any) -> dict[str, Any]:
    banner = {"key": "a", "name": "A", "weight": 1, "kind": "banner", "content": {"headline": "x"}}
    return {
        "name": "Activity",
        "placement": "hero",
        "segment": None,
        "starts_at": None,
        "ends_at": None,
        "priority": 0,
        "variations": [banner],
        **fields,
    }


def ruleset(**activities: dict[str, Any]) -> Ruleset:
    segments = {"french": {"name": "French", "rule": FRENCH}}
    document = {"segments": segments, "activities": activities, "placements": {}}
    return compile_ruleset(3, document)


def test_an_activity_carries_the_rule_of_its_segment() -> None:
    [compiled] = ruleset(one=activity(segment="french")).activities_for("hero")

    assert compiled.segment_name == "French"
    assert compiled.rule is not None
    assert compiled.rule.matches(Known({"traits": {"country": "france"}}, {}, NOON))


def test_segments_that_name_segments_are_compiled_in_any_order() -> None:
    named = {"all": [{"fact": "segment", "operator": "not_in_segment", "value": "french"}]}
    document = {
        "segments": {
            "abroad": {"name": "Abroad", "rule": named},
            "french": {"name": "French", "rule": FRENCH},
        },
        "activities": {"one": activity(segment="abroad")},
        "placements": {},
    }

    [compiled] = compile_ruleset(3, document).activities_for("hero")

    assert compiled.rule is not None
    assert compiled.rule.matches(Known({"traits": {"country": "Spain"}}, {}, NOON))
    assert not compiled.rule.matches(Known({"traits": {"country": "France"}}, {}, NOON))


def test_the_highest_priority_comes_first_and_then_the_key() -> None:
    compiled = ruleset(c=activity(), b=activity(priority=-1), a=activity(), z=activity(priority=9))

    assert [one.key for one in compiled.activities_for("hero")] == ["z", "a", "c", "b"]


def test_an_unknown_placement_has_no_activities() -> None:
    assert ruleset(one=activity()).activities_for("footer") == ()


@pytest.mark.parametrize(
    ("starts", "ends", "is_on"),
    [(None, None, True), (0, None, True), (1, None, False), (None, 0, False), (-2, 1, True)],
)
def test_a_schedule_does_what_it_says(starts: int | None, ends: int | None, is_on: bool) -> None:
    def moment(hours: int | None) -> str | None:
        return None if hours is None else (NOON + timedelta(hours=hours)).isoformat()

    scheduled = activity(starts_at=moment(starts), ends_at=moment(ends))
    [compiled] = ruleset(one=scheduled).activities_for("hero")

    assert compiled.is_on(NOON) is is_on


def test_html_is_sanitised_whatever_the_document_says() -> None:
    html = {"key": "a", "name": "A", "weight": 1, "kind": "html", "content": {"html": "<script>"}}

    [compiled] = ruleset(one=activity(variations=[html])).activities_for("hero")

    assert compiled.variations[0].content == {"html": ""}


def test_a_publication_reaches_the_process(make: Make) -> None:
    published = publish_activity(activity=make.activity(), by="ann", now=NOON)

    assert ruleset_for(published.version).version == published.version
    assert ruleset_for(published.version).placements == {"home_hero": "At home_hero"}


def test_an_unchanged_version_is_neither_read_nor_compiled_again(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = ruleset_for(publish_activity(activity=make.activity(), by="ann", now=NOON).version)
    monkeypatch.delattr(rulesets, "current_document")

    assert ruleset_for(held.version) is held
    assert ruleset_for(None) is held


def test_a_document_that_cannot_be_loaded_leaves_the_one_before(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    held = ruleset_for(publish_activity(activity=make.activity(), by="ann", now=NOON).version)
    monkeypatch.setattr(rulesets, "current_document", lambda **_: (9, {"activities": {"a": {}}}))

    assert ruleset_for(9) is held
    assert "cannot be loaded" in caplog.text


def test_requests_go_on_with_what_was_live_while_the_next_is_made_ready(
    make: Make, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.RULESET_PATIENCE = 0
    may_go_on = threading.Event()
    held = ruleset_for(publish_activity(activity=make.activity(), by="ann", now=NOON).version)
    later = publish_activity(activity=make.activity("Bonsoir"), by="ann", now=NOON).version
    told = current_document()
    monkeypatch.setattr(rulesets, "current_document", lambda **_: may_go_on.wait(9) and told)

    assert [ruleset_for(later) for _ in range(3)] == [held] * 3

    may_go_on.set()
    settings.RULESET_PATIENCE = 9
    assert ruleset_for(later).version == later


def test_what_has_not_changed_is_not_compiled_again() -> None:
    named = {"all": [{"fact": "segment", "operator": "not_in_segment", "value": "french"}]}
    segments = {
        "abroad": {"name": "Abroad", "rule": named},
        "french": {"name": "French", "rule": FRENCH},
        "other": {"name": "Other", "rule": FRENCH},
    }
    document = {
        "segments": segments,
        "activities": {key: activity(segment=key) for key in segments},
        "placements": {},
    }
    before = compile_ruleset(3, document)
    changed = {**segments, "french": {"name": "French", "rule": {"none": [*FRENCH["all"]]}}}

    same = compile_ruleset(4, document, held=before)
    after = compile_ruleset(5, {**document, "segments": changed}, held=before)

    assert same.segments == before.segments
    assert same.activities_for("hero") == before.activities_for("hero")
    assert after.segments["other"] is before.segments["other"]
    # What a segment names is part of it.
    for key in ("french", "abroad"):
        assert after.segments[key] is not before.segments[key]
    in_paris = Known({"traits": {"country": "France"}}, {}, NOON)
    matched = [
        one.key for one in after.activities_for("hero") if one.rule and one.rule.matches(in_paris)
    ]
    assert matched == ["abroad", "other"]


def test_only_segments_that_activities_are_for_are_compiled() -> None:
    segments = {key: {"name": key, "rule": FRENCH} for key in ("french", "idle")}
    activities = {"one": activity(segment="french")}
    document = {"segments": segments, "activities": activities, "placements": {}}

    assert list(compile_ruleset(3, document).segments) == ["french"]


def test_a_failing_load_is_not_tried_at_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def fail(**_: Any) -> None:
        tries.append(1)
        raise OSError

    monkeypatch.setattr(rulesets, "current_document", fail)

    assert [ruleset_for(4) for _ in range(3)] == [EMPTY] * 3
    assert len(tries) == 1


@pytest.mark.django_db
def test_before_the_first_publication_nothing_is_shown() -> None:
    assert ruleset_for(None).version == 0
    assert ruleset_for(None).activities_for("hero") == ()
