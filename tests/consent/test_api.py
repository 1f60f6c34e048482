"""What partners may ask and state, and what they are told when it is wrong."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from consent import tasks
from consent.checking import choices_of
from consent.keyspaces import redis_connection
from consent.models import ConsentRecord, PrivacyRequest
from consent.requests import fulfil
from consent.subjects import Subject
from tests.factories import NOON, make_key

pytestmark = pytest.mark.django_db

REQUESTS = "/api/v1/privacy/requests"
CONSENTS = "/api/v1/consents"
Send = Callable[..., Any]


@pytest.fixture
def send(client: Client) -> Send:
    headers = {"Authorization": f"Api-Key {make_key('privacy', 'consent')}"}

    def post(path: str, body: Any) -> Any:
        return client.post(path, body, content_type="application/json", headers=headers)

    return post


@pytest.fixture
def read(client: Client) -> Send:
    headers = {"Authorization": f"Api-Key {make_key('privacy', 'consent')}"}
    return lambda path, **query: client.get(path, query, headers=headers)


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    queued: list[str] = []
    monkeypatch.setattr(
        tasks.fulfil_request, "apply_async", lambda args, **kwargs: queued.append(args[0])
    )
    return queued


def fields(response: Any) -> set[str]:
    return {error["field"] for error in response.json()["errors"]}


def test_an_erasure_is_opened_queued_and_followed(
    send: Send,
    read: Send,
    queued: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = send(REQUESTS, {"type": "erasure", "user_id": "anna"})

    opened = response.json()
    assert (response.status_code, opened["state"]) == (201, "verified")
    assert response["Location"] == opened["url"]
    assert queued == [opened["id"]]
    followed = read(opened["url"]).json()
    assert [step["to"] for step in followed["transitions"]] == ["received", "verified"]
    assert followed["receipt"] is None

    fulfil(opened["id"], now=NOON)

    receipt = read(opened["url"]).json()["receipt"]
    assert receipt["outcome"] == "completed"
    assert len(receipt["hash"]) == 64


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "access", "user_id": "anna"}, "type"),
        ({"user_id": "anna"}, "type"),
        ({"type": ["erasure"], "user_id": "anna"}, "type"),
        ({"type": "erasure", "user_id": "anna", "regulation": "lgpd"}, "regulation"),
        ({"type": "erasure", "user_id": "anna", "usr": "x"}, "usr"),
        ({"type": "erasure"}, "user_id"),
        ({"type": "erasure", "user_id": "anna", "email": "a@b.example"}, "email"),
        ({"type": "erasure", "user_id": ""}, "user_id"),
        ({"type": "erasure", "user_id": 7}, "user_id"),
        ({"type": "erasure", "user_id": None}, "user_id"),
        ({"type": "erasure", "email": "x" * 257}, "email"),
        ([], ""),
        ("erasure", ""),
    ],
)
def test_a_request_that_is_wrong_is_refused_naming_the_field(
    send: Send, body: Any, field: str
) -> None:
    response = send(REQUESTS, body)

    assert response.status_code == 400
    assert fields(response) == {field}
    assert not PrivacyRequest.objects.exists()


def test_an_unknown_request_is_not_found(read: Send) -> None:
    assert read(f"{REQUESTS}/6c1d3a4e-0000-4000-8000-000000000000").status_code == 404


@pytest.mark.parametrize("path", [REQUESTS, CONSENTS])
def test_without_a_key_nothing_is_done(client: Client, path: str) -> None:
    body = {"type": "erasure", "user_id": "anna", "choices": {"analytics": True}}

    assert client.post(path, body, content_type="application/json").status_code == 401
    assert not PrivacyRequest.objects.exists()
    assert not ConsentRecord.objects.exists()


@pytest.mark.parametrize("path", [REQUESTS, CONSENTS])
def test_a_key_without_the_scope_is_refused(client: Client, path: str) -> None:
    headers = {"Authorization": f"Api-Key {make_key('events')}"}

    response = client.post(path, {}, content_type="application/json", headers=headers)

    assert response.status_code == 403


def test_choices_are_recorded_and_read(send: Send, read: Send) -> None:
    body = {"user_id": "anna", "choices": {"analytics": True, "training": False}}

    response = send(CONSENTS, {**body, "jurisdiction": "FR"})

    expected = {"granted": ["analytics"], "denied": ["training"]}
    assert (response.status_code, response.json()) == (201, expected)
    assert read(CONSENTS, user_id="anna").json() == expected
    assert choices_of(Subject.of(user_id="anna")).granted == {"analytics"}
    record = ConsentRecord.objects.latest("pk")
    assert (record.mechanism, record.jurisdiction, record.ip) == ("API", "FR", "")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"user_id": "a"}, "choices"),
        ({"user_id": "a", "choices": {}}, "choices"),
        ({"user_id": "a", "choices": ["analytics"]}, "choices"),
        ({"user_id": "a", "choices": {"analytics": "yes"}}, "choices.analytics"),
        ({"user_id": "a", "choices": {"necessary": False}}, "choices.necessary"),
        ({"user_id": "a", "choices": {"spying": True}}, "choices.spying"),
        ({"choices": {"analytics": True}}, "user_id"),
        (
            {"user_id": "a", "choices": {"analytics": True}, "jurisdiction": "x" * 17},
            "jurisdiction",
        ),
    ],
)
def test_choices_that_are_wrong_are_refused_naming_the_field(
    send: Send, body: Any, field: str
) -> None:
    response = send(CONSENTS, body)

    assert (response.status_code, fields(response)) == (400, {field})
    assert not ConsentRecord.objects.exists()


def test_reading_takes_exactly_one_identifier(read: Send) -> None:
    assert fields(read(CONSENTS)) == {"user_id"}
    assert fields(read(CONSENTS, user_id="a", email="b@c.example")) == {"email"}
    assert fields(read(CONSENTS, usr_id="a")) == {"usr_id"}


def test_an_unknown_person_reads_like_one_who_never_chose(read: Send) -> None:
    assert read(CONSENTS, user_id="nobody").json() == {"granted": [], "denied": []}
    assert redis_connection().keys("consent:*") == []
