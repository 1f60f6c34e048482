"""Invoice lines become items and events."""

import csv
import gzip
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from catalog.demo.customers import History, add_to_history, choose_personas
from catalog.demo.naming import is_name, nice_name
from catalog.demo.online_retail import (
    CatalogueItem,
    InvoiceLine,
    NotAnEventError,
    catalogue_of,
    event_of,
    read_lines,
    shift_to_yesterday,
)
from catalog.demo.shelves import MENU, SHELVES, shelf_of
from catalog.demo.tagging import tags_of
from catalog.demo.writing import write_feeds

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
ITEMS = {"85123A": CatalogueItem("85123A", "White Lantern", 2.55, "Lighting & Candles", ())}
NO_SHIFT = timedelta(0)
HEADER = ["InvoiceNo", "StockCode", "Description", "Quantity"]
HEADER += ["InvoiceDate", "UnitPrice", "CustomerID", "Country"]


def line(
    *,
    invoice: str = "536365",
    code: str = "85123A",
    description: str = "WHITE LANTERN",
    quantity: int = 6,
    at: str = "2010-12-01T08:26:00",
    price: float = 2.55,
    customer: str = "17850",
) -> InvoiceLine:
    return InvoiceLine(
        7, invoice, code, description, quantity, at, price, customer, "United Kingdom"
    )


@pytest.mark.parametrize(
    ("written", "nice"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "White Hanging Heart T-Light Holder"),
        ("SET OF 3 CAKE TINS", "Set of 3 Cake Tins"),
        ("WOOD S/3 CABINET ANT WHITE FINISH", "Wood S/3 Cabinet Ant White Finish"),
        ("PAPER CHAIN KIT 50'S CHRISTMAS", "Paper Chain Kit 50's Christmas"),
        ("  OF MICE & MEN ,  ASSTD", "Of Mice and Men, Assorted"),
        ("POLYESTER FILLER PAD 45x45cm", "Polyester Filler Pad 45x45cm"),
    ],
)
def test_names_read_nicely(written: str, nice: str) -> None:
    assert nice_name(written) == nice


@pytest.mark.parametrize(
    "note", ["damaged", "?", "found in w/hse", "", "Dotcom sales", "CHECK"[:3]]
)
def test_notes_are_not_names(note: str) -> None:
    assert not is_name(note)


def test_an_item_takes_its_usual_name_and_its_middle_price() -> None:
    items = catalogue_of(
        [
            line(price=2.0),
            line(price=3.0),
            line(price=99.0, description="damaged"),
            line(price=0, description="WHITE LANTERNS"),
            line(code="85123a", price=3.0),
        ]
    )

    assert items["85123A"].name == "White Lantern"
    assert items["85123A"].price == 3.0
    assert items["85123A"].category == "Lighting & Candles"
    assert items["85123A"].tags == ("white",)


@pytest.mark.parametrize(
    "code", ["POST", "DOT", "M", "C2", "BANK CHARGES", "gift_0001_20", "DCGS0003"]
)
def test_service_codes_are_neither_items_nor_events(code: str) -> None:
    assert catalogue_of([line(code=code)]) == {}
    with pytest.raises(NotAnEventError, match="service code"):
        event_of(line(code=code), items=ITEMS, shift=NO_SHIFT)


def test_an_invoice_line_is_a_purchase() -> None:
    assert event_of(line(), items=ITEMS, shift=NO_SHIFT) == {
        "message_id": "online-retail-7",
        "type": "purchase",
        "occurred_at": "2010-12-01T08:26:00Z",
        "user_id": "17850",
        "properties": {
            "order_id": "536365",
            "item_id": "85123A",
            "quantity": 6,
            "price": 2.55,
            "currency": "GBP",
            "category": "lighting-candles",
        },
        "traits": {"country": "United Kingdom"},
    }


def test_of_an_item_that_an_invoice_has_twice_the_second_line_says_so() -> None:
    row = ["1", "85123A", "LANTERN", "6", "2010-12-01T08:26:00", "2.55", "17850", "France"]
    read = [*read_lines([["header"], row, row, ["2", *row[1:]]])]
    stated = [event_of(one, items=ITEMS, shift=NO_SHIFT)["properties"] for one in read]

    assert [one.get("order_line") for one in stated] == [None, 2, None]


def test_a_cancellation_is_a_refund_of_a_positive_quantity() -> None:
    event = event_of(line(invoice="C536365", quantity=-2), items=ITEMS, shift=NO_SHIFT)

    assert event["type"] == "refund"
    assert event["properties"]["quantity"] == 2


def test_who_has_no_number_is_a_guest_of_the_invoice() -> None:
    event = event_of(line(customer=""), items=ITEMS, shift=NO_SHIFT)

    assert event["anonymous_id"] == "guest-536365"
    assert "user_id" not in event


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (line(quantity=-4), "stock correction"),
        (line(price=0), "no price"),
        (line(quantity=0), "no units"),
        (line(code="99999"), "without a name"),
    ],
)
def test_what_is_no_sale_is_left_out_with_its_reason(broken: InvoiceLine, reason: str) -> None:
    with pytest.raises(NotAnEventError, match=reason):
        event_of(broken, items=ITEMS, shift=NO_SHIFT)


def test_the_last_invoice_was_yesterday_and_summer_time_is_heeded() -> None:
    shift = shift_to_yesterday(last_invoice=date(2011, 12, 9), now=NOW)

    event = event_of(line(at="2011-12-09T12:50:00"), items=ITEMS, shift=shift)

    assert event["occurred_at"] == "2026-06-14T11:50:00Z"


def test_every_shelf_is_in_the_menu() -> None:
    assert sorted(MENU) == sorted(shelf.name for shelf in SHELVES)


@pytest.mark.parametrize(
    ("name", "shelf"),
    [
        ("Christmas Gingham Star", "Christmas"),
        ("Red Retro Spot Mug", "Tea & Tableware"),
        ("Jumbo Bag Vintage Doily", "Bags & Travel"),
        ("Mini Playing Cards Gymkhana", "Children & Toys"),
        ("Something Nobody Foresaw", "Home Decor"),
    ],
)
def test_words_of_the_name_choose_the_shelf(name: str, shelf: str) -> None:
    assert shelf_of(name) == shelf


def test_tags_say_colour_material_and_theme_once_each() -> None:
    assert tags_of("Red Wooden Heart Hearts") == ("red", "wood", "heart")


def history(
    user_id: str, *, days_ago: int, orders: int, country: str = "United Kingdom"
) -> History:
    day = NOW.date() - timedelta(days=days_ago)
    return History(user_id, country, 10.0, {f"{user_id}-{n}": day for n in range(orders)})


def test_each_persona_plays_its_part_and_nobody_plays_two() -> None:
    histories = {
        person.user_id: person
        for person in (
            history("often", days_ago=5, orders=9),
            history("gone", days_ago=300, orders=8),
            history("hans", days_ago=5, orders=3, country="Germany"),
        )
    }

    personas = {p.kind: p.user_id for p in choose_personas(histories, today=NOW.date())}

    assert personas == {"frequent": "often", "generous": "hans", "lapsed": "gone"}


def test_guests_and_refunds_have_no_history() -> None:
    histories: dict[str, History] = {}
    for broken in (line(customer=""), line(invoice="C1", quantity=-1)):
        event = event_of(broken, items=ITEMS, shift=NO_SHIFT)
        add_to_history(histories, event, today=NOW.date())

    assert histories == {}


def test_feeds_written_again_on_another_day_are_the_same(tmp_path: Path) -> None:
    source = tmp_path / "transactions.csv.gz"
    rows = [
        ["536365", "85123A", "WHITE LANTERN", 6, "2011-12-08T08:26:00", 2.55, "17850", "France"],
        ["536366", "POST", "POSTAGE", 1, "2011-12-09T08:26:00", 18.0, "17850", "France"],
    ]
    with gzip.open(source, "wt", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])

    def written(now: datetime) -> bytes:
        write_feeds(source=source, out=tmp_path / "out", now=now, progress=lambda _: None)
        return gzip.decompress((tmp_path / "out" / "events.jsonl.gz").read_bytes())

    first = written(NOW)

    assert json.loads(first)["occurred_at"] == "2026-06-13T07:26:00Z"
    assert written(NOW + timedelta(days=3)) == first
    assert '3,"service code, not a product"' in (tmp_path / "out" / "refused.csv").read_text()
    assert json.loads((tmp_path / "out" / "catalog.jsonl").read_text())["item_id"] == "85123A"
