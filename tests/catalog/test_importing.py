"""Feeds become the catalogue."""

import csv
import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from django.core.management import CommandError, call_command

from catalog.addresses import NO_ADDRESS
from catalog.feed_lines import FeedError, FeedLine
from catalog.feeds import read_feed
from catalog.importing import ImportReport, import_catalog
from catalog.models import Category, Item

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
GOOD = {
    "item_id": "85123A",
    "name": "White Lantern",
    "price": 2.55,
    "category": "Lighting & Candles",
}

pytestmark = pytest.mark.django_db


def imported(*stated: object, dry_run: bool = False) -> ImportReport:
    lines = [FeedLine(number, line) for number, line in enumerate(stated, start=1)]  # type: ignore[arg-type]
    return import_catalog(lines=lines, now=NOW, dry_run=dry_run)


def test_an_item_and_its_category_are_created() -> None:
    report = imported(GOOD | {"tags": "white|metal", "available": "no"})

    item = Item.objects.select_related("category").get()
    assert report.created == 1
    assert (item.item_id, item.price, item.currency) == ("85123A", Decimal("2.55"), "GBP")
    assert item.tags == ["white", "metal"]
    assert not item.is_available
    assert (item.category.key, item.category.name) == ("lighting-candles", "Lighting & Candles")


def test_a_category_is_found_by_name_and_by_key() -> None:
    imported(
        GOOD,
        GOOD | {"item_id": "2", "category": "lighting-candles"},
        GOOD | {"item_id": "3", "category": "LIGHTING & CANDLES"},
    )

    assert Category.objects.count() == 1


def test_categories_of_any_alphabet_have_keys_of_their_own() -> None:
    names = ["照明", "证明", "Освещение", "Größen", "照" * 80, "照" * 79]
    imported(*(GOOD | {"item_id": str(n), "category": name} for n, name in enumerate(names)))

    keys = {category.name: category.key for category in Category.objects.all()}
    assert set(keys) == set(names)
    assert len(set(keys.values())) == len(names)
    assert keys["照明"].startswith("zhaoming-")
    assert keys["Освещение"].startswith("osveshchenie-")
    assert keys["Größen"] == "grossen"


def test_categories_stand_in_the_menu_as_the_feed_brings_them() -> None:
    imported(GOOD | {"category": "Zoo"}, GOOD | {"item_id": "2", "category": "Attic"})

    assert [category.name for category in Category.objects.all()] == ["Zoo", "Attic"]


def test_importing_twice_changes_nothing() -> None:
    imported(GOOD)
    before = Item.objects.values().get()

    again = imported(GOOD)

    assert (again.created, again.changed, again.unchanged) == (0, 0, 1)
    assert Item.objects.values().get() == before


def test_a_new_price_changes_one_item() -> None:
    imported(GOOD, GOOD | {"item_id": "2"})

    report = imported(GOOD | {"price": "3.10"}, GOOD | {"item_id": "2"})

    assert (report.changed, report.unchanged) == (1, 1)
    assert Item.objects.get(item_id="85123A").price == Decimal("3.10")


def test_an_item_named_twice_ends_as_the_later_line_says() -> None:
    imported(GOOD, GOOD | {"name": "Black Lantern"})

    assert Item.objects.get().name == "Black Lantern"


def test_a_dry_run_writes_nothing_but_says_what_it_would() -> None:
    report = imported(GOOD, dry_run=True)

    assert report.created == 1
    assert not Item.objects.exists()
    assert not Category.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"item_id": None}, "item_id", "is missing"),
        ({"item_id": "a b"}, "item_id", "must have no blanks and none of / ? # %"),
        ({"item_id": True}, "item_id", "must be text"),
        ({"name": "  "}, "name", "is missing"),
        ({"name": "x" * 201}, "name", "is longer than 200 characters"),
        ({"name": "a\x00b"}, "name", "has a control character in it, or half of an emoji"),
        ({"price": None}, "price", "is missing"),
        ({"price": "two pounds"}, "price", "must be a number such as 12.50"),
        ({"price": True}, "price", "must be a number such as 12.50"),
        ({"price": "NaN"}, "price", "must be a number such as 12.50"),
        ({"price": "1_000"}, "price", "must be a number such as 12.50"),
        ({"price": -1}, "price", "must not be negative"),
        ({"price": 1e30}, "price", "must not be above 9999999999.99"),
        ({"price": "1.999"}, "price", "must have at most two decimals"),
        ({"currency": "ZZZ"}, "currency", "must be a code of ISO 4217 such as GBP"),
        ({"category": "***"}, "category", "must have a letter or digit in it"),
        ({"tags": 7}, "tags", 'must be a list of texts, or one text such as "red|wood"'),
        ({"tags": ["x" * 41]}, "tags", "must each be at most 40 plain characters"),
        ({"available": "perhaps"}, "available", "must be true or false"),
        ({"description": "x" * 5001}, "description", "is longer than 5000 characters"),
        ({"brand": "\ud83d"}, "brand", "has a control character in it, or half of an emoji"),
        ({"description": 7}, "description", "must be text"),
        ({"url": "/1001"}, "url", NO_ADDRESS),
        ({"url": "javascript:alert(1)"}, "url", NO_ADDRESS),
        ({"url": "https://anna:secret@shop.example/"}, "url", NO_ADDRESS),
        ({"url": "https://shop.example\\@evil.example/"}, "url", NO_ADDRESS),
        ({"url": "https://shop.example:port/"}, "url", NO_ADDRESS),
        ({"image_url": "https:///1001.jpg"}, "image_url", NO_ADDRESS),
        ({"image_url": "https://shop.example/a b.jpg"}, "image_url", NO_ADDRESS),
        (
            {"image_url": f"https://shop.example/{'x' * 2000}"},
            "image_url",
            "is longer than 2000 characters",
        ),
        ({"brand": "x" * 71}, "brand", "is longer than 70 characters"),
        ({"gtin": "4006381-X"}, "gtin", "must have 8 to 14 digits"),
    ],
)
def test_a_broken_line_is_named_and_the_rest_is_kept(
    wrong: dict[str, object], field: str, message: str
) -> None:
    report = imported(GOOD | wrong, GOOD | {"item_id": "2"})

    (refusal,) = report.refusals
    assert (refusal.line, refusal.field, refusal.message) == (1, field, message)
    assert report.refused == {f"{field} {message}": 1}
    assert [item.item_id for item in Item.objects.all()] == ["2"]


SHOWN = {
    "description": "White,\r\nfor the garden.",
    "url": "https://shop.example/1001?colour=white#top",
    "image_url": "https://cdn.shop.example/1001.jpg",
    "brand": "Acme",
    "gtin": "400 6381-333931",
}


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_how_an_item_is_shown_is_read_from_every_kind_of_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"items{suffix}"
    write_feed(path, GOOD | SHOWN)

    import_catalog(lines=read_feed(path), now=NOW)

    item = Item.objects.get()
    assert (item.description, item.url, item.image_url, item.brand, item.gtin) == (
        "White,\nfor the garden.",
        "https://shop.example/1001?colour=white#top",
        "https://cdn.shop.example/1001.jpg",
        "Acme",
        "4006381333931",
    )


def test_a_feed_that_does_not_say_how_an_item_is_shown_clears_it_as_it_clears_tags() -> None:
    imported(GOOD | SHOWN | {"tags": "white"})

    imported(GOOD)

    item = Item.objects.get()
    assert (item.tags, item.description, item.url, item.image_url) == ([], "", "", "")


def write_feed(path: Path, stated: dict[str, object]) -> None:
    if path.suffix == ".parquet":
        columns = ", ".join(f"? AS {name}" for name in stated)
        query = f"COPY (SELECT {columns}) TO '{path}' (FORMAT parquet)"
        duckdb.execute(query, list(stated.values()))
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".jsonl":
            file.write(json.dumps(stated))
            return
        writer = csv.DictWriter(file, list(stated))
        writer.writeheader()
        writer.writerow(stated)


def test_only_the_first_refusals_are_kept_but_all_are_counted() -> None:
    report = imported(*[GOOD | {"price": -1}] * 30)

    assert len(report.refusals) == 20
    assert report.refused.total() == 30


def test_fields_nobody_knows_are_named_once() -> None:
    report = imported(GOOD | {"colour": "red"}, GOOD | {"colour": "blue"})

    assert report.unknown_fields == {"colour"}
    assert report.accepted == 2


def test_csv_is_read_with_any_usual_delimiter_and_its_broken_lines_named(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_bytes(
        b"\xef\xbb\xbfitem_id;name;price;category;tags\r\n"
        b'1;"Lantern; white";2.50;Lighting;white|metal\r\n'
        b'2;"Never closed;2.50;Lighting;\r\n'
        b"\r\n"
        b"3;Too;few\r\n"
        b"4;Caf\xe9;2.50;Lighting;\r\n"
        b"5;Mug;3.50;Dining;\r\n"
    )

    lines = list(read_feed(path))

    assert [(line.number, line.problem.split(":")[0]) for line in lines] == [
        (2, ""),
        (3, "is not a line of CSV"),
        (5, "has 3 values for 5 columns"),
        (6, "is not UTF-8 text"),
        (7, ""),
    ]
    assert lines[0].stated["name"] == "Lantern; white"
    assert "tags" not in lines[-1].stated


def test_json_lines_are_read_and_broken_ones_named(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl.gz"
    with gzip.open(path, "wb") as file:
        file.write(json.dumps(GOOD).encode() + b'\n{"item_id": \n[1]\n\n' + b"x" * 2_500_000)
        file.write(b"\n" + json.dumps(GOOD).encode())

    lines = list(read_feed(path))

    assert [line.number for line in lines] == [1, 2, 3, 5, 6]
    assert lines[1].problem.startswith("is not JSON")
    assert lines[2].problem == "is not a JSON object"
    assert lines[3].problem == "is longer than 1,000,000 bytes"
    assert lines[4].stated == GOOD


def test_a_gzip_that_is_cut_short_gives_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl.gz"
    many = b"".join(json.dumps(GOOD | {"item_id": str(n)}).encode() + b"\n" for n in range(9_000))
    path.write_bytes(gzip.compress(many)[:-1_000])

    assert len(list(read_feed(path))) > 1


@pytest.mark.parametrize("name", ["missing.csv", "feed.xlsx", "not_gzip.csv.gz", "empty.csv"])
def test_what_cannot_be_read_at_all_says_so(tmp_path: Path, name: str) -> None:
    if "missing" not in name:
        (tmp_path / name).write_bytes(b"" if "empty" in name else b"plain text")

    with pytest.raises(FeedError):
        list(read_feed(tmp_path / name))


def test_the_command_reports_and_succeeds_though_lines_were_refused(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    path.write_text(json.dumps(GOOD) + "\n{\n")
    out, err = StringIO(), StringIO()

    call_command("import_catalog", str(path), stdout=out, stderr=err)

    assert "2 lines: 1 items created" in out.getvalue()
    assert "line 2: line is not JSON" in err.getvalue()


def test_the_command_fails_where_nothing_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    path.write_text("{\n")

    with pytest.raises(CommandError, match="Nothing could be read"):
        call_command("import_catalog", str(path), stdout=StringIO(), stderr=StringIO())
