"""Drawn tiles."""

from xml.etree import ElementTree

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from catalog.looks import CATEGORY_LOOKS, NOUNS, UNKNOWN_MOTIF, look_of
from catalog.tiles import DRAWINGS, draw_tile
from tests.catalog.conftest import MakeItem

# What XML can hold; names with control characters are refused by the import.
TEXT = st.text(st.characters(exclude_categories=["C"]), max_size=60)


@given(item_id=TEXT, name=TEXT, category=TEXT)
def test_every_tile_is_well_formed_and_names_its_item(
    item_id: str, name: str, category: str
) -> None:
    svg = draw_tile(item_id=item_id, name=name, category=category)

    title = ElementTree.fromstring(svg).find("{http://www.w3.org/2000/svg}title")  # noqa: S314
    assert title is not None
    assert (title.text or "") == name


def test_a_name_cannot_bring_markup_in() -> None:
    svg = draw_tile(item_id="1", name="</title><script>alert(1)</script>", category="garden")

    assert "<script" not in svg


def test_a_tile_is_the_same_every_time_and_differs_between_items() -> None:
    first, again, other = (
        draw_tile(item_id=item_id, name="Thing", category="garden") for item_id in "112"
    )

    assert first == again
    assert first != other


def test_the_noun_and_the_colour_word_of_the_name_are_drawn() -> None:
    mug = look_of(item_id="1", name="Pink Rose Mug", category="garden")

    assert mug.motif == "cup"
    assert mug.own == "#e191a8"


def test_a_name_without_a_noun_shows_its_category() -> None:
    assert look_of(item_id="1", name="Oddment", category="garden").motif == "plant"


def test_all_named_motifs_are_drawn() -> None:
    wanted = {motif for motif, _ in NOUNS} | {motif for _, motif in CATEGORY_LOOKS.values()}

    assert wanted | {UNKNOWN_MOTIF} == set(DRAWINGS)


@pytest.mark.django_db
def test_browsers_keep_tiles_and_ask_again_cheaply(client: Client, make_item: MakeItem) -> None:
    make_item("85123A")

    answer = client.get("/tiles/85123A.svg")
    again = client.get("/tiles/85123A.svg", headers={"If-None-Match": answer["ETag"]})

    assert answer["Content-Type"] == "image/svg+xml"
    assert "max-age=" in answer["Cache-Control"]
    assert again.status_code == 304


@pytest.mark.django_db
def test_no_item_no_tile(client: Client) -> None:
    assert client.get("/tiles/nothing.svg").status_code == 404
    assert client.get("/tiles/shelf/nothing.svg").status_code == 404
