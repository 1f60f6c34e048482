"""Programs get errors they can read, people get pages."""

import pytest
from django.test import Client

from catalog import views

pytestmark = pytest.mark.django_db


def test_an_unknown_address_answers_programs_in_json_and_people_with_a_page(client: Client) -> None:
    program = client.get("/api/v1/privacy/requests/abc")
    person = client.get("/nowhere/")

    assert (program.status_code, person.status_code) == (404, 404)
    assert program.json()["errors"][0]["message"]
    assert "<html" in person.content.decode()


def test_a_fault_answers_with_a_page_of_the_shop(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str) -> str:
        raise RuntimeError(text)

    monkeypatch.setattr(views, "searchable", broken)
    client.raise_request_exception = False

    answer = client.get("/search/?q=lantern")

    assert answer.status_code == 500
    assert "<html" in answer.content.decode()
