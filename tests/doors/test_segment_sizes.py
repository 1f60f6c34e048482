"""Messages of Segment that are too large, or say nothing at all."""

import pytest

from personalization.doors.segment import Received, translate
from personalization.events.keepable import EventRefused
from tests.factories import NOON


@pytest.mark.parametrize("letter", ["ё", "\u0001", "😀"])
def test_a_message_is_as_large_as_it_is_sent(letter: str) -> None:
    message = {"event": "x", "userId": "anna", "properties": {"note": letter * 5_000}}

    assert translate(Received(message, "track", None, NOON))


@pytest.mark.parametrize("kind", ["identify", "page", "screen", "group", "alias"])
def test_a_message_that_says_nothing_is_refused(kind: str) -> None:
    empty = {"messageId": "m1", "context": {"library": {"name": "x"}}}

    with pytest.raises(EventRefused, match="anonymous_id"):
        translate(Received(empty, kind, None, NOON))


def test_a_message_over_32_kilobytes_is_refused() -> None:
    with pytest.raises(EventRefused, match="32,768"):
        translate(
            Received({"event": "x", "properties": {"note": "x" * 33_000}}, "track", None, NOON)
        )
