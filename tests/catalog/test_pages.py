"""The shop's pages, searching, listing and the demo switcher."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.checks import check_image_origins
from catalog.listing import first_of_each_category, items_by_ids
from catalog.searching import search_items, searchable
from catalog.templatetags.shop import money
from consent.keyspaces import redis_connection
from tests.catalog.conftest import MakeItem

pytestmark = pytest.mark.django_db

PERSONAS = [
    {"kind": "frequent", "label": "a frequent buyer", "user_id": "12748", "country": "France"}
]


@pytest.fixture
def demo(settings: Settings, tmp_path: Path) -> Path:
    settings.DEMO = True
    settings.VAR_DIR = tmp_path
    (tmp_path / "demo").mkdir()
    path = tmp_path / "demo" / "customers.json"
    path.write_text(json.dumps(PERSONAS))
    return path


def page(client: Client, address: str, **query: Any) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("address", ["/", "/shelves/garden/", "/items/1/", "/search/", "/basket/"])
def test_each_page_shows_and_can_be_skipped_through(
    client: Client, make_item: MakeItem, address: str
) -> None:
    make_item("1")

    html = page(client, address)

    assert html.count("<h1") == 1
    assert '<a class="skip" href="#content">' in html
    assert '<main id="content"' in html


def test_pages_show_while_redis_is_down(
    client: Client, make_item: MakeItem, settings: Settings
) -> None:
    make_item("1")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    redis_connection.cache_clear()

    for address in ("/", "/items/1/", "/shelves/garden/", "/basket/"):
        assert "Thing 1" in page(client, address) or address == "/basket/"


def test_an_empty_shop_still_has_a_front_page(client: Client) -> None:
    assert "The shelves" in page(client, "/")


@pytest.mark.parametrize("address", ["/items/none/", "/shelves/none/", "/nowhere"])
def test_what_is_not_there_is_a_404_that_looks_like_the_shop(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 404
    assert "This shelf is empty" in answer.content.decode()


def test_the_error_page_needs_nothing() -> None:
    assert "Back to the shop" in render_to_string("500.html")


def test_an_item_page_tells_the_tracker_what_is_looked_at(
    client: Client, make_item: MakeItem
) -> None:
    make_item("1", price=Decimal("2.50"))

    html = page(client, "/items/1/")

    assert 'data-page-type="item" data-item="1" data-category="garden" data-price="2.50"' in html


def test_names_are_escaped(client: Client, make_item: MakeItem) -> None:
    make_item("1", name='<b onclick="x">')

    for address in ("/", "/items/1/", "/shelves/garden/", "/search/?q=onclick"):
        assert "<b onclick" not in page(client, address)


def test_a_picture_is_shown_where_the_policy_lets_it_in_and_the_drawn_tile_elsewhere(
    client: Client, make_item: MakeItem, settings: Settings
) -> None:
    settings.IMAGE_ORIGINS = ["https://cdn.shop.example"]
    make_item("1", image_url="https://CDN.shop.example/1.jpg?w=240")
    make_item("2", image_url="https://other.example/2.jpg")
    make_item("3", image_url="http://cdn.shop.example/3.jpg")
    make_item("4")

    for address in ("/search/?q=Thing", "/shelves/garden/"):
        html = page(client, address)

        assert 'src="https://CDN.shop.example/1.jpg?w=240"' in html
        assert all(f'src="/tiles/{number}.svg"' in html for number in (2, 3, 4))
        assert 'src="/tiles/1.svg"' not in html


def test_an_item_page_shows_its_words_and_its_picture(
    client: Client, make_item: MakeItem, settings: Settings
) -> None:
    settings.IMAGE_ORIGINS = ["https://cdn.shop.example"]
    make_item("1", description="Hangs.\n<b>Shines.</b>", image_url="https://cdn.shop.example/1.jpg")

    html = page(client, "/items/1/")

    assert "Hangs.<br>&lt;b&gt;Shines.&lt;/b&gt;" in html
    assert 'src="https://cdn.shop.example/1.jpg" alt="Thing 1"' in html


@pytest.mark.parametrize(
    "wrong", ["cdn.shop.example", "https://cdn.shop.example/", "https://CDN.shop.example", "*"]
)
def test_what_is_no_origin_of_pictures_is_named_at_the_start(
    settings: Settings, wrong: str
) -> None:
    settings.IMAGE_ORIGINS = ["https://cdn.shop.example:8443", wrong]

    (error,) = check_image_origins()

    assert repr(wrong) in error.msg


def test_what_is_sold_out_is_shown_but_not_sold(client: Client, make_item: MakeItem) -> None:
    make_item("1", is_available=False)

    html = page(client, "/items/1/")

    assert "Sold out" in html
    assert "Add to basket" not in html
    assert client.post("/basket/add/", {"item": "1"}).status_code == 404


def test_a_shelf_costs_the_same_queries_however_full(
    client: Client, make_item: MakeItem, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(40):
        make_item(f"{number:02}")

    # The shelf, the menu, the count, and one page of items with their categories.
    with django_assert_num_queries(4):
        html = page(client, "/shelves/garden/")

    assert html.count('class="card"') == 24
    assert "page=2" in html
    assert page(client, "/shelves/garden/", page=2).count('class="card"') == 16


def test_a_shelf_is_sorted_by_price_when_asked(client: Client, make_item: MakeItem) -> None:
    make_item("1", name="Dear", price=Decimal(9))
    make_item("2", name="Cheap", price=Decimal(1))

    html = page(client, "/shelves/garden/", sort="cheapest", page="not a number")

    assert html.index(">Cheap<") < html.index(">Dear<")
    assert page(client, "/shelves/garden/", sort="no such order")


def test_search_finds_every_word_in_name_tag_shelf_or_code(make_item: MakeItem) -> None:
    make_item("1", name="Red Lantern", tags=["metal"])
    make_item("2", name="Red Mug")
    make_item("3", name="Red Lantern, Gone", is_available=False)

    assert [item.item_id for item in search_items("lantern METAL garden")] == ["1"]
    assert [item.item_id for item in search_items("2")] == ["2"]
    assert [item.item_id for item in search_items("red")] == ["1", "2"]


@pytest.mark.parametrize("odd", ["%", "_", "\x00", "'", "\\", "a" * 5_000, "((", "<script>"])
def test_odd_searches_find_nothing_and_break_nothing(
    client: Client, make_item: MakeItem, odd: str
) -> None:
    make_item("1", name="Lantern")

    html = page(client, "/search/", q=odd)

    assert 'class="card"' not in html
    assert "<script>" not in html


def test_what_is_typed_becomes_one_line() -> None:
    assert searchable("  red\n\tlantern\x00 ") == "red lantern"


def test_lists_keep_their_order_and_leave_out_what_cannot_be_bought(
    make_item: MakeItem, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for code in "123":
        make_item(code, is_available=code != "2")

    with django_assert_num_queries(1):
        items = items_by_ids(["3", "2", "none", "1"])
        names = [(item.item_id, item.category.key) for item in items]

    assert names == [("3", "garden"), ("1", "garden")]


def test_the_fallback_list_has_one_of_each_shelf(make_item: MakeItem) -> None:
    make_item("1", shelf="garden")
    make_item("2", shelf="garden")
    make_item("3", shelf="attic")

    assert {item.item_id for item in first_of_each_category()} == {"1", "3"}


def test_money_is_written_with_its_sign_where_it_has_one() -> None:
    assert money(Decimal("1234.5"), "GBP") == "£1,234.50"
    assert money("20", "SEK") == "20.00 SEK"


def test_a_visitor_steps_into_a_customer_and_out_again(client: Client, demo: Path) -> None:
    client.post("/demo/switch/", {"kind": "frequent"})
    assert client.session["user_id"] == "12748"
    assert "you are <b>a frequent buyer</b> (customer 12748, France)" in page(client, "/")

    answer = client.post("/demo/switch/", {"kind": "new"})

    assert "user_id" not in client.session
    assert answer.cookies["consent"]["max-age"] == 0
    assert "you are <b>a visitor</b>" in page(client, "/")


def test_stepping_out_leaves_an_admin_login_alone(client: Client, demo: Path) -> None:
    session = client.session
    session["_auth_user_id"] = "1"
    session.save()

    client.post("/demo/switch/", {"kind": "new"})

    assert client.session["_auth_user_id"] == "1"


def test_a_broken_list_of_customers_only_empties_the_menu(client: Client, demo: Path) -> None:
    demo.write_text("{")

    assert "a new visitor" in page(client, "/")


def test_outside_the_demo_there_is_no_switcher(client: Client, settings: Settings) -> None:
    settings.DEMO = False

    assert "switcher" not in page(client, "/")
    assert client.post("/demo/switch/", {"kind": "new"}).status_code == 404
