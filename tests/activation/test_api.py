"""Which pseudonyms people have, over the API."""

from typing import Any

import pytest
from django.test import Client

from consent.subjects import Identifier
from tests.factories import make_key

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/pseudonyms"


def ask(client: Client, body: Any, *, scope: str = "segments") -> Any:
    key = make_key(scope)
    return client.post(
        ADDRESS, body, content_type="application/json", headers={"Authorization": f"Api-Key {key}"}
    )


def test_each_value_has_its_pseudonym_in_order(client: Client) -> None:
    answer = ask(client, {"kind": "email", "values": ["B@example.com", "a@example.com"]})

    assert answer.json() == {
        "pseudonyms": [
            Identifier("email", "b@example.com").pseudonym,
            Identifier("email", "a@example.com").pseudonym,
        ]
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "name", "values": ["a"]}, "kind"),
        ({"kind": "user", "values": []}, "values"),
        ({"kind": "user", "values": ["a"] * 1001}, "values"),
        ({"kind": "user", "values": [1]}, "values"),
        ({"kind": "phone", "values": ["+44 20 7946 0018", "unknown"]}, "values"),
        ({"kind": "user", "values": ["a"], "more": 1}, "more"),
        ([], "kind"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(client: Client, body: Any, field: str) -> None:
    answer = ask(client, body)

    assert answer.status_code == 400
    assert field in {one["field"] for one in answer.json()["errors"]}


def test_a_key_of_another_scope_is_refused(client: Client) -> None:
    answer = ask(client, {"kind": "user", "values": ["a"]}, scope="decisions")

    assert answer.status_code == 403
