"""PUT /api/v1/profiles and GET /api/v1/profiles/{kind}:{value}."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from consent.subjects import Identifier
from personalization.access.models import ApiKey
from personalization.events.models import Event
from personalization.events.tracking import track
from personalization.profiles.models import Profile
from personalization.vault.models import Look
from tests.factories import NOON, agree, make_event, make_key

pytestmark = pytest.mark.django_db
URL = "/api/v1/profiles"
ANNA = {"identifiers": {"user": "anna", "email": "Anna@Example.org"}, "traits": {"plan": "pro"}}


@pytest.fixture
def key() -> str:
    return make_key("profiles", vouched=("analytics", "personalization"))


def put(client: Client, body: Any, key: str, **headers: str) -> Any:
    return client.put(
        URL,
        body,
        content_type="application/json",
        headers={"Authorization": f"Api-Key {key}", **headers},
    )


def look(client: Client, named: str, key: str) -> Any:
    return client.get(f"{URL}/{named}", headers={"Authorization": f"Api-Key {key}"})


def test_a_person_who_is_put_is_a_profile(
    client: Client, key: str, consume: Callable[[], None]
) -> None:
    answer = put(client, ANNA, key)
    consume()

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "refused": []})
    told = look(client, "email:anna@example.org", key).json()
    assert told["traits"] == {"plan": "pro"}
    assert {one["kind"] for one in told["identifiers"]} == {"user", "email"}
    assert told["consent"]["granted"] == ["analytics", "personalization"]
    digest = Identifier("email", "anna@example.org").pseudonym
    assert told["segments"] == f"/api/v1/profiles/pseudonym:{digest}/segments"
    assert "anna" not in str(told)


def test_of_what_is_put_the_later_holds_and_null_clears(
    client: Client, key: str, consume: Callable[[], None]
) -> None:
    def tiers(*stated: str | None) -> list[dict[str, Any]]:
        return [{"identifiers": {"user": "anna"}, "traits": {"tier": tier}} for tier in stated]

    for one in tiers("silver", "gold"):
        put(client, one, key)
    consume()
    assert look(client, "user:anna", key).json()["traits"] == {"tier": "gold"}

    put(client, {"profiles": tiers("silver", "bronze")}, key)
    consume()
    assert look(client, "user:anna", key).json()["traits"] == {"tier": "bronze"}

    put(client, tiers(None)[0], key)
    consume()
    assert look(client, "user:anna", key).json()["traits"] == {}


def test_each_look_of_a_key_is_written_down_where_the_admins_looks_are(
    client: Client, key: str, consume: Callable[[], None]
) -> None:
    put(client, ANNA, key)
    consume()

    look(client, "user:anna", key)
    look(client, "email:anna@example.org", key)
    look(client, "user:nobody", key)

    profile = Profile.objects.get()
    prefix = ApiKey.objects.get().prefix
    assert [(one.seen_by, one.profile_id, one.fields) for one in Look.objects.all()] == 2 * [
        (f"key {prefix}, test", profile.pk, ["email (masked)", "user (masked)"])
    ]


def test_somebody_known_by_an_address_only_is_a_profile(
    client: Client, key: str, consume: Callable[[], None]
) -> None:
    put(client, {"identifiers": {"email": "bo@example.org"}, "traits": {"plan": "free"}}, key)
    consume()

    assert look(client, "email:bo@example.org", key).json()["traits"] == {"plan": "free"}


def test_one_wrong_person_does_not_stop_the_rest(client: Client, key: str) -> None:
    people = [
        ANNA,
        "x",
        {"identifiers": {}},
        {"identifiers": {"passport": "1"}},
        {"identifiers": {"user": 7}},
        {"identifiers": {"user": "undefined"}},
        {**ANNA, "traits": {"plan": {}}},
        {**ANNA, "colour": "red"},
        {**ANNA, "consent": {"analytics": "yes"}},
        {**ANNA, "occurred_at": "yesterday"},
    ]

    answer = put(client, {"profiles": people}, key).json()

    assert answer["accepted"] == 1
    assert [(one["index"], one["field"]) for one in answer["refused"]] == [
        (1, ""),
        (2, "identifiers"),
        (3, "identifiers.passport"),
        (4, "identifiers.user"),
        (5, "identifiers.user"),
        (6, "traits.plan"),
        (7, "colour"),
        (8, "consent.analytics"),
        (9, "occurred_at"),
    ]


@pytest.mark.parametrize("how", ["message_id", "header"])
def test_the_same_statement_is_taken_once(
    client: Client, key: str, consume: Callable[[], None], how: str
) -> None:
    body = {**ANNA, "message_id": "m-1"} if how == "message_id" else ANNA
    headers = {} if how == "message_id" else {"Idempotency-Key": "batch-7"}

    for _ in range(2):
        assert put(client, body, key, **headers).json()["accepted"] == 1
        consume()

    assert Event.objects.count() == 1


def test_another_batch_under_the_same_key_is_not_lost(
    client: Client, key: str, consume: Callable[[], None]
) -> None:
    bert = {"identifiers": {"user": "bert"}, "traits": {"plan": "free"}}

    for body in (ANNA, bert):
        put(client, body, key, **{"Idempotency-Key": "batch-7"})
    consume()

    assert look(client, "user:bert", key).json()["traits"] == {"plan": "free"}


def test_unknown_and_forbidden_are_answered_alike(
    client: Client, key: str, consume: Callable[[], None]
) -> None:
    agree(user_id="shy", to=("analytics",))
    agree(user_id="anna")
    track([make_event(user_id="shy"), make_event(user_id="anna")], now=NOON)
    consume()

    answers = [
        look(client, "user:nobody", key),
        look(client, "passport:1", key),
        look(client, "anna", key),
        look(client, "user:shy", key),
        look(client, "user:anna", make_key("events")),
    ]

    assert look(client, "user:anna", key).status_code == 200
    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}


def test_a_key_is_needed(client: Client) -> None:
    assert client.get(f"{URL}/user:anna").status_code == 401
    assert put(client, ANNA, make_key("events")).status_code == 403


@pytest.mark.parametrize(
    ("identifiers", "field"),
    [
        ({"phone": "unknown"}, "identifiers.phone"),
        ({"user": "anna", "phone": "n.a."}, "identifiers.phone"),
        ({"email": "none given"}, "identifiers.email"),
    ],
)
def test_what_names_nobody_is_refused_by_its_field(
    client: Client, key: str, identifiers: dict[str, str], field: str
) -> None:
    answer = put(client, {"identifiers": identifiers}, key).json()

    assert (answer["accepted"], answer["refused"][0]["field"]) == (0, field)


@pytest.mark.parametrize(
    ("body", "status"),
    [([], 400), ({"profiles": {}}, 400), ({"profiles": [ANNA] * 1_001}, 413)],
)
def test_a_misshapen_or_too_large_batch_is_refused(
    client: Client, key: str, body: Any, status: int
) -> None:
    assert put(client, body, key).status_code == status


def test_counters_and_times_are_told(client: Client, key: str, consume: Callable[[], None]) -> None:
    agree(user_id="anna")
    track([make_event(), make_event()], now=NOON)
    consume()

    told = look(client, "user:anna", key).json()

    assert told["counters"]["item_view"]["ever"] == 2
    assert told["first_seen"] == told["last_seen"] == NOON.isoformat()
