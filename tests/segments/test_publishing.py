"""A publication makes everything live at once, and can be undone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import redis
from django.db import connection

from consent.keyspaces import patient_redis_connection
from personalization.segments import announcing
from personalization.segments.models import Publication, Segment
from personalization.segments.publishing import (
    RULESETS,
    NotPublishable,
    Pieces,
    announce_latest,
    current_document,
    publish,
    publish_changes,
    publish_segment,
    revert,
)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
FRENCH = {"all": [{"fact": "trait", "name": "country", "operator": "equals", "value": "France"}]}
GERMAN = {"all": [{"fact": "trait", "name": "country", "operator": "equals", "value": "Germany"}]}

pytestmark = pytest.mark.django_db
Capture = Callable[..., Any]


def segment(name: str = "French", rule: Any = None) -> Segment:
    return Segment.objects.create(name=name, rule=rule or FRENCH)


def activity(segment_key: str) -> dict[str, Any]:
    return {"name": "Hello", "segment": segment_key}


def test_a_published_segment_is_told_to_every_process(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        publish_segment(segment=segment(), by="ann", now=NOON)

    version, document = current_document()
    assert version == 1
    assert document["segments"] == {"french": {"name": "French", "rule": FRENCH}}
    assert patient_redis_connection().get(RULESETS.key("version")) == b"1"


def test_a_saved_segment_is_not_live() -> None:
    french = segment()
    publish_segment(segment=french, by="ann", now=NOON)

    french.rule = GERMAN
    french.save()

    assert current_document()[1]["segments"]["french"]["rule"] == FRENCH


def test_a_publication_says_who_when_and_what_changed() -> None:
    publish_segment(segment=segment("A"), by="ann", now=NOON)
    published = publish_segment(segment=segment("B"), by="bob", now=NOON)

    assert (published.version, published.published_by, published.published_at) == (2, "bob", NOON)
    assert published.changes == ["segments/b"]
    assert len(published.checksum) == 64


def test_going_back_is_a_new_version_with_the_old_document() -> None:
    french = segment()
    first = publish_segment(segment=french, by="ann", now=NOON)
    french.rule = GERMAN
    publish_segment(segment=french, by="ann", now=NOON)

    third = revert(to_version=1, by="bob", now=NOON)

    assert third.version == 3
    assert third.document == first.document
    assert third.checksum == first.checksum
    assert third.changes == ["segments/french"]


def test_a_rule_that_cannot_be_read_is_not_published() -> None:
    broken = segment(rule={"all": [{"fact": "mood"}]})

    with pytest.raises(NotPublishable, match=r"“French” cannot be read: all\[0\]\.fact"):
        publish_segment(segment=broken, by="ann", now=NOON)

    assert not Publication.objects.exists()


def test_a_segment_in_use_is_not_taken_offline() -> None:
    publish_changes(
        changes={
            ("segments", "french"): {"name": "French", "rule": FRENCH},
            ("activities", "hello"): activity("french"),
        },
        by="ann",
        note="",
        now=NOON,
    )

    with pytest.raises(NotPublishable, match="Hello"):
        publish(section="segments", key="french", definition=None, by="ann", note="", now=NOON)


def test_without_a_publication_nothing_is_live() -> None:
    assert current_document() == (0, {"segments": {}, "activities": {}, "placements": {}})


def test_with_redis_away_postgresql_says_what_is_live(monkeypatch: pytest.MonkeyPatch) -> None:
    publish_segment(segment=segment(), by="ann", now=NOON)
    away = redis.Redis(port=1)
    monkeypatch.setattr(announcing, "redis_connection", lambda: away)

    assert current_document()[0] == 1


def test_a_redis_that_lost_its_memory_is_told_again(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        publish_segment(segment=segment(), by="ann", now=NOON)
    patient_redis_connection().flushdb()

    assert announce_latest() == 1
    assert patient_redis_connection().get(RULESETS.key("version")) == b"1"


def test_the_document_before_stays_readable_for_a_while(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    for name in ("A", "B"):
        with django_capture_on_commit_callbacks(execute=True):
            publish_segment(segment=segment(name), by="ann", now=NOON)

    client = patient_redis_connection()
    assert 0 < client.ttl(RULESETS.key("pieces:1")) <= 3_600
    assert client.ttl(RULESETS.key("pieces:2")) == -1


def test_two_segments_with_one_slug_get_keys_of_their_own() -> None:
    assert [segment("Très chic").key, segment("Tres chic").key] == ["tres-chic", "tres-chic-2"]


@pytest.mark.django_db(transaction=True)
def test_publications_at_the_same_moment_lose_nothing() -> None:
    segments = [segment(f"Segment {number}") for number in range(6)]

    def publish_one(one: Segment) -> None:
        publish_segment(segment=one, by="ann", now=NOON)
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(publish_one, segments))

    version, document = current_document()
    assert version == 6
    assert len(document["segments"]) == 6


def test_only_the_pieces_that_changed_are_parsed_again(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    placements = {("placements", f"p{n}"): {"name": f"P{n}"} for n in range(300)}
    with django_capture_on_commit_callbacks(execute=True):
        publish_changes(changes=placements, by="ann", note="All", now=NOON)
    held: Pieces = {}
    before = current_document(held=held)
    parsed = {number: said for number, (_, said) in held.items()}
    with django_capture_on_commit_callbacks(execute=True):
        changes = {("placements", "p7"): {"name": "New"}}
        publish_changes(changes=changes, by="ann", note="One", now=NOON)

    _, document = current_document(held=held)

    again = [number for number, (_, said) in held.items() if said is not parsed[number]]
    assert len(again) == 1
    assert document["placements"] == {**before[1]["placements"], "p7": {"name": "New"}}


def test_who_reads_pauses_after_each_piece(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        publish_segment(segment=segment(), by="ann", now=NOON)
    pauses: list[None] = []

    current_document(pause=lambda: pauses.append(None))

    assert len(pauses) == announcing.PIECES
