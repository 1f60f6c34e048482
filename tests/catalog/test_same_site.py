"""The shop's forms are safe without setting a cookie."""

import pytest
from django.test import Client

from tests.factories import make_item

pytestmark = pytest.mark.django_db
BASKET = {"item": "1001"}


@pytest.fixture
def strict() -> Client:
    make_item("1001")
    return Client(enforce_csrf_checks=True)


def test_pages_with_forms_set_no_cookie(strict: Client) -> None:
    for path in ("/", "/items/1001/", "/shelves/lanterns/", "/basket/"):
        assert strict.get(path).cookies == {}, path


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused(strict: Client, headers: dict[str, str]) -> None:
    assert strict.post("/basket/add/", BASKET, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}]
)
def test_a_form_of_the_shop_is_taken(strict: Client, headers: dict[str, str]) -> None:
    assert strict.post("/basket/add/", BASKET, headers=headers).status_code == 302
