"""What an item costs while a sale lasts, and when it is over."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from catalog.feed_lines import FeedLine
from catalog.feeds import read_feed
from catalog.importing import ImportReport, import_catalog
from catalog.models import Item
from tests.factories import make_category, make_item, make_key

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ROW = {"item_id": "1", "name": "Lantern", "price": "12.00", "category": "Lighting"}
GOOGLE = {"id": "1", "title": "Lantern", "product_type": "Lighting", "price": "12.00 GBP"}


def imported(*rows: dict[str, Any]) -> ImportReport:
    return import_catalog(lines=[FeedLine(n, row) for n, row in enumerate(rows, 1)], now=NOW)


def refused(row: dict[str, Any]) -> tuple[str, str]:
    refusal = imported(row).refusals[0]
    return (refusal.field, refusal.message)


def on_sale(*, starts: timedelta | None, ends: timedelta | None) -> Item:
    """Return an item of 3.50 that costs 2.00 from and until so long from the present moment."""
    now = timezone.now()
    item = make_item("1001")
    item.sale_price = Decimal("2.00")
    item.sale_starts_at = None if starts is None else now + starts
    item.sale_ends_at = None if ends is None else now + ends
    item.save()
    return item


def test_googles_sale_holds_from_its_start_until_before_its_end() -> None:
    imported(
        GOOGLE
        | {
            "sale_price": "9.00 GBP",
            "sale_price_effective_date": "2026-02-01T13:00-0800/2026-02-03T15:30-0800",
        }
    )

    item = Item.objects.get()

    start, end = datetime(2026, 2, 1, 21, tzinfo=UTC), datetime(2026, 2, 3, 23, 30, tzinfo=UTC)
    moment = timedelta(microseconds=1)
    assert item.price == Decimal("12.00")
    assert [item.price_at(at) for at in (start - moment, start, end - moment, end)] == [
        Decimal("12.00"),
        Decimal("9.00"),
        Decimal("9.00"),
        Decimal("12.00"),
    ]


def test_a_feed_of_google_carries_the_sale_through_a_file(tmp_path: Path) -> None:
    path = tmp_path / "feed.txt"
    path.write_text(
        "id\ttitle\tprice\tproduct type\tsale price\tsale price effective date\n"
        "1\tLantern\t12 GBP\tLighting\t9 GBP\t2026-02-01/2026-02-03\n"
    )

    import_catalog(lines=read_feed(path), now=NOW)

    item = Item.objects.get()
    # A day alone is the sale's last, to its end.
    assert (item.sale_starts_at, item.sale_ends_at) == (
        datetime(2026, 2, 1, tzinfo=UTC),
        datetime(2026, 2, 4, tzinfo=UTC),
    )


def test_a_sale_without_dates_lasts_until_a_feed_says_otherwise() -> None:
    imported(GOOGLE | {"sale_price": "9.00 GBP"})
    during = Item.objects.get().price_at(NOW + timedelta(days=4_000))

    imported(GOOGLE)

    assert (during, Item.objects.get().price_at(NOW)) == (Decimal("9.00"), Decimal("12.00"))


def test_the_same_sale_again_changes_nothing() -> None:
    row = ROW | {"sale_price": 9, "sale_ends_at": "2026-02-03T15:30:00+01:00"}
    imported(row)

    assert imported(row).unchanged == 1


@pytest.mark.parametrize(
    ("row", "refusal"),
    [
        (GOOGLE | {"sale_price": "9.00 EUR"}, ("sale_price", "must be a number such as 12.50")),
        (GOOGLE | {"sale_price": "13.00 GBP"}, ("sale_price", "must not be above price")),
        (ROW | {"sale_price": -1}, ("sale_price", "must not be negative")),
        (
            ROW | {"sale_price": 9, "sale_starts_at": "soon"},
            ("sale_starts_at", "must be a time such as 2026-01-31T18:00+01:00"),
        ),
        (
            ROW | {"sale_price": 9, "sale_ends_at": "9999-12-31"},
            ("sale_ends_at", "must be a time such as 2026-01-31T18:00+01:00"),
        ),
        (
            ROW | {"sale_price": 9, "sale_starts_at": "2026-02-02", "sale_ends_at": "2026-02-01"},
            ("sale_ends_at", "must be after sale_starts_at"),
        ),
    ],
)
def test_a_sale_that_cannot_be_is_refused(row: dict[str, Any], refusal: tuple[str, str]) -> None:
    assert refused(row) == refusal


def test_putting_an_item_without_a_sale_ends_it_and_changing_a_price_does_not(
    client: Client,
) -> None:
    def sent(method: str, item: dict[str, Any]) -> Item:
        headers = {"Authorization": f"Api-Key {make_key('catalog')}"}
        answer = getattr(client, method)(
            "/api/v1/catalog/items",
            {"items": [item]},
            content_type="application/json",
            headers=headers,
        )
        assert answer.json()["refused"] == []
        return Item.objects.get()

    put = sent("put", ROW | {"sale_price": 9, "sale_ends_at": "2026-02-03T00:00:00Z"})
    changed = sent("patch", {"item_id": "1", "price": 11})
    ended = sent("patch", {"item_id": "1", "sale_price": None})

    assert (put.price_at(NOW), changed.price_at(NOW)) == (Decimal("9.00"), Decimal("9.00"))
    assert (changed.price, changed.sale_ends_at) == (Decimal("11.00"), put.sale_ends_at)
    assert (ended.price_at(NOW), ended.sale_ends_at) == (Decimal("11.00"), None)
    sent("patch", {"item_id": "1", "sale_price": 9})
    assert sent("put", ROW).sale_price is None


def test_pages_baskets_and_orders_say_the_price_of_the_moment(client: Client) -> None:
    on_sale(starts=timedelta(hours=-1), ends=timedelta(hours=1))

    page = client.get("/items/1001/").content.decode()
    client.post("/basket/add/", {"item": "1001", "quantity": 2})
    basket = client.get("/basket/").content.decode()

    assert 'data-price="2.00"' in page
    assert "£3.50</s>" in page
    assert "£4.00" in basket
    client.post("/basket/checkout/")
    assert client.session["order"]["items"][0]["price"] == 2.0


def test_an_expired_sale_is_not_on_the_page(client: Client) -> None:
    on_sale(starts=timedelta(hours=-2), ends=timedelta(hours=-1))

    page = client.get("/items/1001/").content.decode()

    assert 'data-price="3.50"' in page
    assert "£2.00" not in page


def test_a_shelf_is_put_in_order_by_the_prices_of_the_moment(client: Client) -> None:
    on_sale(starts=None, ends=timedelta(hours=1))
    make_item("1002", price="3.00")
    make_item("1003", price="1.00")

    page = client.get("/shelves/lanterns/?sort=cheapest").content.decode()

    places = [page.index(f'data-item="{code}"') for code in ("1003", "1001", "1002")]
    assert places == sorted(places)


def test_the_order_of_the_database_agrees_with_each_item_at_every_edge() -> None:
    shelf = make_category()
    for n, (start, end) in enumerate(
        [(None, None), (NOW, None), (None, NOW), (NOW - timedelta(1), NOW + timedelta(1))]
    ):
        Item.objects.create(
            item_id=str(n),
            name="x",
            price=5,
            category=shelf,
            sale_price=4,
            sale_starts_at=start,
            sale_ends_at=end,
        )

    items = list(Item.objects.with_price(now=NOW))

    assert len(items) == 4
    assert [item.price_now for item in items] == [item.price_at(NOW) for item in items]  # type: ignore[attr-defined]


def test_the_database_knows_no_sale_above_the_price() -> None:
    item = make_item(price="3.50")
    item.sale_price = Decimal("4.00")

    with pytest.raises(ValidationError, match="must not be above the normal price"):
        item.full_clean()
    with pytest.raises(IntegrityError):
        item.save()
