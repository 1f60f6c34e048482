"""Files as other programs write them: breaks inside quotes, marks in front, other encodings."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.feed_lines import FeedError, FeedLine
from catalog.feeds import LONGEST_LIST, read_feed
from catalog.models import Item


def rows(folder: Path, text: str | bytes, *, name: str = "feed.csv", **how: str) -> list[FeedLine]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read_feed(path, **how))


def test_a_quoted_value_may_have_line_breaks_and_later_lines_keep_their_numbers(
    tmp_path: Path,
) -> None:
    read = rows(tmp_path, 'id,text\r\n1,"one\r\n""two""\n\nfour"\r\n2\r\n3,last\r\n')

    assert [(row.number, row.problem) for row in read] == [
        (2, ""),
        (6, "has 1 values for 2 columns"),
        (7, ""),
    ]
    assert read[0].stated == {"id": "1", "text": 'one\r\n"two"\n\nfour'}


@pytest.mark.parametrize("behind", [5, 1_000])
def test_a_quote_that_is_never_closed_costs_its_own_line_only(tmp_path: Path, behind: int) -> None:
    body = "".join(f"{n},fine\n" for n in range(behind))

    read = rows(tmp_path, f'id,text\n1,"5 inch\n{body}')

    assert (read[0].number, read[0].problem) == (
        2,
        "is not a line of CSV: a quote in it is not closed",
    )
    assert [row.number for row in read[1:] if not row.problem] == list(range(3, behind + 3))


def test_a_stray_quote_that_meets_another_costs_no_line_between(tmp_path: Path) -> None:
    read = rows(tmp_path, 'id,text\n1,"5 inch\n2,fine\n3,"closed"\n4,fine\n')

    assert [row.stated["id"] for row in read if not row.problem] == ["2", "3", "4"]
    assert [row.number for row in read if row.problem] == [2]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("name", ["feed.csv", "feed.jsonl", "feed.json"])
def test_files_say_by_their_mark_how_they_are_written(
    tmp_path: Path, encoding: str, name: str
) -> None:
    text = 'id,text\n1,"Öl 購入"\n' if name == "feed.csv" else '{"id": "1", "text": "Öl 購入"}\n'

    (row,) = rows(tmp_path, text.encode(encoding), name=name)

    assert row.stated == {"id": "1", "text": "Öl 購入"}


def test_other_encodings_are_read_once_they_are_named(tmp_path: Path) -> None:
    text = "id,text\n1,plain\n2,Öl\n".encode("cp1252")

    as_they_are, named = rows(tmp_path, text), rows(tmp_path, text, encoding="windows-1252")

    assert as_they_are[0].stated["text"] == "plain"
    assert as_they_are[1].number == 3
    assert "is not UTF-8 text: save the file as UTF-8" in as_they_are[1].problem
    assert named[1].stated["text"] == "Öl"


@pytest.mark.parametrize("text", ["id,Größe\n1,2\n".encode("cp1252"), "id,a\n".encode("utf-16-le")])
def test_names_of_columns_that_cannot_be_read_are_an_error(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(FeedError, match="The first line is not UTF-8 text"):
        rows(tmp_path, text)


def test_an_encoding_that_there_is_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="There is no encoding 'klingon'"):
        rows(tmp_path, "id\n1\n", encoding="klingon")


def test_a_list_in_brackets_is_read_up_to_a_bound(tmp_path: Path) -> None:
    read = rows(tmp_path, '\n[\n {"id": 1},\n 7\n]\n', name="feed.json")

    assert [(row.number, dict(row.stated), row.problem) for row in read] == [
        (1, {"id": 1}, ""),
        (2, {}, "is not a JSON object"),
    ]
    with pytest.raises(FeedError, match="Write JSON lines"):
        rows(tmp_path, b"[" + b" " * LONGEST_LIST + b"]", name="feed.json")


@pytest.mark.django_db
def test_the_catalogue_reads_them_too(tmp_path: Path) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_bytes('item_id;name;price;category\n1;"Öl-\r\nlampe";2.50;Licht\n'.encode("cp1252"))

    with pytest.raises(CommandError, match="Nothing could be read"):
        call_command("import_catalog", feed)
    call_command("import_catalog", feed, encoding="windows-1252")

    assert Item.objects.get().name == "Öl- lampe"
