"""Programs get errors they can read, people get pages."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog import views
from personalization.segments.admin.segment import SegmentAdmin

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


SHOP = "Back to the shop"
START = 'href="/admin/">To the start of the admin'


def test_the_admin_has_its_own_page_for_what_is_not_there(admin_client: Client) -> None:
    answer = admin_client.get("/admin/segments/segment/4711/composition/")

    assert answer.status_code == 404
    page = answer.content.decode()
    assert START in page
    assert "Look for it in its list" in page
    assert SHOP not in page


def test_the_admin_has_its_own_page_for_a_fault_and_says_what_to_do(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, request: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(SegmentAdmin, "get_queryset", broken)
    admin_client.raise_request_exception = False

    answer = admin_client.get("/admin/segments/segment/")

    assert answer.status_code == 500
    page = answer.content.decode()
    assert START in page
    assert "try once more" in page
    assert SHOP not in page


def test_the_admin_says_who_may_do_what_somebody_may_not(client: Client) -> None:
    client.force_login(User.objects.create_user("sam", is_staff=True))

    answer = client.get("/admin/segments/segment/")

    assert answer.status_code == 403
    assert "Ask an administrator" in answer.content.decode()


def test_the_admin_explains_a_request_that_cannot_be_read(admin_client: Client) -> None:
    answer = admin_client.get("/admin/", headers={"host": "elsewhere.example"})

    assert answer.status_code == 400
    assert "Nothing was saved" in answer.content.decode()


def test_a_form_from_before_a_sign_in_is_explained(django_user_model: type[User]) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(django_user_model.objects.create_superuser("admin"))

    answer = careful.post("/admin/segments/segment/add/", {"name": "x"})

    assert answer.status_code == 403
    assert "load the page again" in answer.content.decode()
