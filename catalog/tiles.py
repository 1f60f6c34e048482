"""A drawn tile for each item, since the shop has no photographs."""

from pathlib import Path
from typing import Final

from django.utils.html import escape

from catalog.looks import Look, look_of, mixed

INK: Final = "#4a3f3a"
WHITE: Final = "#ffffff"
# The things that tiles show, on a field of 200 by 200. A drawing names its colours: {own} is the
# item's, {dark} and {light} its shades, {accent} and {ink} go with it.
DRAWINGS: Final = {
    path.name.removesuffix(".svg.in"): path.read_text(encoding="utf-8").replace("\n", "")
    for path in (Path(__file__).parent / "drawings").glob("*.svg.in")
}
# Behind the disc; chosen by the item's digest.
BACKDROPS: Final = (
    '<circle cx="100" cy="100" r="78" fill="{disc}"/>',
    '<path d="M22 200V96a78 78 0 0 1 156 0v104z" fill="{disc}"/>',
    '<path d="M0 130q50-34 100 0t100 0v70H0z" fill="{disc}"/>'
    '<circle cx="156" cy="44" r="20" fill="{disc}"/>',
    '<rect x="26" y="26" width="148" height="148" rx="44" fill="{disc}" '
    'transform="rotate(8 100 100)"/>',
    '<path d="M100 18l24 22 32-6 6 32 22 24-14 30 4 34-34 6-22 24-32-12-32 6-14-30-28-20 10-32'
    '-8-32 28-18 14-30z" fill="{disc}"/>',
)
SPRINKLES: Final = (
    "",
    '<g fill="{accent}" opacity=".35"><circle cx="24" cy="30" r="4"/>'
    '<circle cx="176" cy="40" r="5"/>'
    '<circle cx="180" cy="168" r="4"/><circle cx="20" cy="160" r="5"/></g>',
    '<g fill="none" stroke="{accent}" stroke-opacity=".35" stroke-width="3">'
    '<circle cx="176" cy="30" r="9"/><circle cx="24" cy="172" r="9"/></g>',
    '<g stroke="{accent}" stroke-opacity=".4" stroke-width="3" stroke-linecap="round">'
    '<path d="M22 26v14M15 33h14M178 160v14M171 167h14"/></g>',
)


def draw_tile(*, item_id: str, name: str, category: str) -> str:
    """Return the item's tile as SVG: the same for ever while name and category stay."""
    return _draw(look_of(item_id=item_id, name=name, category=category), title=name)


def draw_category_tile(*, key: str, name: str) -> str:
    """Return the tile of a category as SVG."""
    return _draw(look_of(item_id=key, name="", category=key), title=name)


def _draw(look: Look, *, title: str) -> str:
    backdrop = BACKDROPS[look.variant // 5 % len(BACKDROPS)].format(disc=look.disc)
    sprinkles = SPRINKLES[look.variant // 31 % len(SPRINKLES)].format(accent=look.accent)
    thing = DRAWINGS[look.motif].format(
        own=look.own,
        dark=mixed(look.own, INK, 0.3),
        light=mixed(look.own, WHITE, 0.55),
        accent=look.accent,
        ink=INK,
    )
    shadow = '<ellipse cx="100" cy="168" rx="52" ry="6" fill="#000" opacity=".07"/>'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" role="img">'
        f"<title>{escape(title)}</title>"
        f'<rect width="200" height="200" fill="{look.ground}"/>'
        f"{backdrop}{sprinkles}{shadow}{thing}</svg>"
    )
