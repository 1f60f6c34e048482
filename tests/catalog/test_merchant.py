"""Google Merchant feeds become the catalogue."""

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from catalog.feed_lines import FeedError
from catalog.feeds import read_feed
from catalog.importing import ImportReport, import_catalog
from catalog.models import Item

DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
BOMB = """<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;">
<!ENTITY file SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><item><id>1</id><title>&c; &file;</title><price>1 GBP</price>
<product_type>x</product_type></item></channel></rss>"""

pytestmark = pytest.mark.django_db


def imported(path: Path) -> ImportReport:
    return import_catalog(lines=read_feed(path), now=NOW)


def test_an_rss_feed_becomes_items_and_a_broken_one_is_named_by_its_line() -> None:
    report = imported(DATA / "merchant.xml")

    white, red = Item.objects.select_related("category").order_by("item_id")
    assert (white.name, white.price, white.currency, white.is_available) == (
        "White Hanging Lantern & Holder",
        Decimal("12.00"),
        "GBP",
        True,
    )
    assert white.category.name == "Lanterns"
    assert white.tags == ["Acme", "White", "group LANTERN"]
    assert (white.description, white.url, white.image_url, white.brand) == (
        "A lantern.",
        "https://shop.example/85123A",
        "https://shop.example/85123A.jpg",
        "Acme",
    )
    assert (red.description, red.url, red.image_url, red.brand) == ("", "", "", "")
    assert (red.price, red.currency, red.is_available) == (Decimal("1299.50"), "EUR", False)
    assert red.category.name == "Lighting"
    assert [(one.line, one.field) for one in report.refusals] == [(31, "price")]


@pytest.mark.parametrize("name", ["merchant_atom.xml", "merchant.txt"])
def test_atom_and_tab_separated_feeds_are_read_as_well(name: str) -> None:
    report = imported(DATA / name)

    assert (report.created, report.refusals) == (1, [])
    assert Item.objects.get().category.key == "lanterns"


def test_what_can_only_be_ordered_ahead_is_not_available() -> None:
    imported(DATA / "merchant_atom.xml")

    assert not Item.objects.get().is_available


def test_a_link_of_atom_says_where_the_item_is_shown() -> None:
    imported(DATA / "merchant_atom.xml")

    assert Item.objects.get().url == "https://shop.example/85123A"


def test_importing_a_feed_twice_changes_nothing(tmp_path: Path) -> None:
    imported(DATA / "merchant.xml")
    packed = tmp_path / "feed.xml.gz"
    packed.write_bytes(gzip.compress((DATA / "merchant.xml").read_bytes()))

    again = imported(packed)

    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)


def test_a_feed_with_entities_of_its_own_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xml"
    path.write_text(BOMB)

    with pytest.raises(FeedError, match="DTD"):
        imported(path)

    assert not Item.objects.exists()


def test_a_feed_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "cut.xml"
    path.write_bytes((DATA / "merchant.xml").read_bytes()[:1_300])

    report = imported(path)

    assert report.created == 1
    assert "is not XML from here on" in report.refusals[-1].message


def test_a_parquet_feed_is_read_like_the_others(tmp_path: Path) -> None:
    path = tmp_path / "items [1].parquet"
    duckdb.execute(
        "COPY (SELECT '1' AS item_id, 'Lantern' AS name, 2.55::DECIMAL(6,2) AS price,"
        " 'Lighting' AS category, ['red', 'wood'] AS tags) TO ?",
        [str(path)],
    )

    imported(path)

    item = Item.objects.get()
    assert (item.price, item.tags) == (Decimal("2.55"), ["red", "wood"])


def test_a_parquet_file_that_is_none_is_said_plainly(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    path.write_text("item_id,name")

    with pytest.raises(FeedError, match="cannot be read as Parquet"):
        imported(path)
