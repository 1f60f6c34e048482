"""Variations become HTML that is safe whatever they contain."""

from decimal import Decimal

from pytest_django import Settings

from catalog.models import Item
from personalization.content.rendering import render_variation
from personalization.content.rulesets import CompiledVariation


def variation(kind: str, **content: object) -> CompiledVariation:
    return CompiledVariation("a", "A", 1, kind, content)


def test_a_banner_shows_its_words_and_its_button() -> None:
    html = render_variation(
        variation("banner", headline="Hi", text="You", link="/x", button_label="Go", tone="warm")
    )

    assert "block--tone-warm" in html
    assert '<a class="block__button" href="/x">Go</a>' in html


def test_a_banner_without_a_link_has_no_button() -> None:
    assert "block__button" not in render_variation(variation("banner", headline="Hi", link=""))


def test_words_are_escaped() -> None:
    html = render_variation(variation("banner", headline="<b>{{ x }}</b>"))

    assert "&lt;b&gt;{{ x }}&lt;/b&gt;" in html


def test_sanitised_html_is_shown_as_it_is() -> None:
    assert "<p>Hi</p>" in render_variation(variation("html", html="<p>Hi</p>"))


def test_a_list_shows_its_items() -> None:
    item = Item(item_id="1001", name="White <Lantern>", price=Decimal("3.50"))

    html = render_variation(variation("recommendations", title="For you"), items=[item])

    assert "White &lt;Lantern&gt;" in html
    assert "£3.50" in html


def test_a_list_shows_the_pictures_that_pages_may_load(settings: Settings) -> None:
    settings.IMAGE_ORIGINS = ["https://cdn.shop.example"]
    item = Item(
        item_id="1001", name="A", price=Decimal(1), image_url="https://cdn.shop.example/1.jpg"
    )

    html = render_variation(variation("recommendations", title="For you"), items=[item])

    assert 'src="https://cdn.shop.example/1.jpg"' in html


def test_a_list_without_items_leaves_the_page_its_fallback() -> None:
    assert render_variation(variation("recommendations", title="For you"), items=[]) == ""
