"""Basket and checkout."""

import json
import re
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.catalog.conftest import MakeItem

pytestmark = pytest.mark.django_db


def test_looking_around_sets_no_session(client: Client, make_item: MakeItem) -> None:
    make_item("1")

    for address in ("/", "/items/1/", "/basket/"):
        client.get(address)

    assert "sessionid" not in client.cookies


def test_what_is_added_is_in_the_basket(client: Client, make_item: MakeItem) -> None:
    make_item("1", name="Red Lantern", price=Decimal("2.50"))

    answer = client.post("/basket/add/", {"item": "1", "quantity": "3"}, follow=True)

    html = answer.content.decode()
    assert "Red Lantern" in html
    assert "£7.50" in html


@pytest.mark.parametrize(
    ("quantity", "kept"),
    [("-1", 1), ("0", 1), ("", 1), ("x", 1), ("²", 1), ("500", 99), ("9" * 99, 1)],
)
def test_odd_quantities_are_mended(
    client: Client, make_item: MakeItem, quantity: str, kept: int
) -> None:
    make_item("1")

    client.post("/basket/add/", {"item": "1", "quantity": quantity})

    assert client.session["basket"] == {"1": kept}


def test_adding_twice_adds_up_and_removing_takes_all(client: Client, make_item: MakeItem) -> None:
    make_item("1")
    for _ in range(2):
        client.post("/basket/add/", {"item": "1"})
    assert client.session["basket"] == {"1": 2}

    client.post("/basket/remove/", {"item": "1"})

    assert client.session["basket"] == {}


def test_a_basket_costs_one_query_for_all_its_items(
    client: Client, make_item: MakeItem, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for code in "12345":
        make_item(code)
        client.post("/basket/add/", {"item": code})

    # The session, the items with their categories, the menu, one list of recommendations.
    with django_assert_max_num_queries(4):
        client.get("/basket/")


def test_the_thank_you_page_hands_the_order_to_the_tracker(
    client: Client, make_item: MakeItem
) -> None:
    make_item("1", price=Decimal("2.50"))
    client.post("/basket/add/", {"item": "1", "quantity": "2"})

    html = client.post("/basket/checkout/", follow=True).content.decode()

    stated = re.search(r'<script id="track-purchase" type="application/json">(.*?)</script>', html)
    assert stated is not None
    order = json.loads(stated.group(1))
    assert order["order_id"].startswith("web-")
    assert order["items"] == [{"item_id": "1", "quantity": 2, "price": 2.5, "category": "garden"}]
    assert client.session["basket"] == {}
    assert order["order_id"] in client.get("/thanks/").content.decode()


def test_an_empty_basket_orders_nothing(client: Client) -> None:
    assert client.post("/basket/checkout/")["Location"] == "/basket/"
    assert client.get("/thanks/")["Location"] == "/"


def test_the_basket_changes_by_post_only(make_item: MakeItem) -> None:
    make_item("1")

    assert Client().get("/basket/add/", {"item": "1"}).status_code == 405
