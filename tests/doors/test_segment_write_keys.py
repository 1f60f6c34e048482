"""Where Segment's libraries put the write key: in the header, or in the body."""

from typing import Any

import pytest
from django.test import Client

from tests.doors.test_segment_api import VOUCHED, post, waiting
from tests.factories import make_key

pytestmark = pytest.mark.django_db
# All the fields that analytics-next and analytics-node send.
NEWER_BATCH = {
    "batch": [
        {
            "type": "track",
            "event": "Signed Up",
            "properties": {},
            "messageId": "ajs-next-1763760000000-0b2c",
            "anonymousId": "b1",
            "userId": None,
            "timestamp": "2026-06-15T12:00:00.000Z",
            "integrations": {"Segment.io": {"maybeBundledConfigIds": ["x"]}},
            "context": {
                "page": {"path": "/", "referrer": "", "search": "", "title": "", "url": ""},
                "userAgent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0 Safari/537.36",
                "userAgentData": {"brands": [{"brand": "Chromium"}], "mobile": False},
                "locale": "en-GB",
                "timezone": "Europe/London",
                "library": {"name": "analytics.js", "version": "npm:next-1.81.0"},
            },
            "writeKey": "another",
            "_metadata": {
                "bundled": ["Segment.io"],
                "unbundled": [],
                "bundledIds": [],
                "nodeVersion": "22",
                "retryCount": 1,
            },
        }
    ],
    "sentAt": "2026-06-15T12:00:01.000Z",
}


@pytest.fixture
def key(db: None) -> str:
    return make_key("events", vouched=VOUCHED)


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b"])
def test_without_a_header_the_key_is_the_one_in_the_body(
    client: Client, key: str, path: str
) -> None:
    answer = post(client, path, {**NEWER_BATCH, "writeKey": key}, key=None)

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert waiting() == 1


def test_a_single_message_names_its_key_too(client: Client, key: str) -> None:
    message = {"event": "Signed Up", "userId": "anna", "writeKey": key}

    assert post(client, "/v1/track", message, key=None).status_code == 200
    assert waiting() == 1


@pytest.mark.parametrize("wrong", ["unknown", "", None, 7, ["x"], "\x00"])
def test_a_wrong_key_in_the_body_is_no_key(client: Client, db: None, wrong: Any) -> None:
    answer = post(client, "/v1/batch", {**NEWER_BATCH, "writeKey": wrong}, key=None)

    assert answer.status_code == 401
    assert waiting() == 0


def test_the_header_goes_before_the_body(client: Client, key: str) -> None:
    batch = {**NEWER_BATCH, "writeKey": key}

    assert post(client, "/v1/batch", batch, key="unknown").status_code == 401
    assert post(client, "/v1/batch", [], key=None).status_code == 401
