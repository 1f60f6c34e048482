"""A drawn tile for each item, since the shop has no photographs."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import escape

from catalog.motifs import DRAWINGS

# Ground, disc, and the colours that things on it may have.
Palette = tuple[str, str, tuple[str, ...]]

INK: Final = "#4a3f3a"
WHITE: Final = "#ffffff"
PALETTES: Final[Sequence[Palette]] = (
    ("#f6e7d8", "#fbf3ea", ("#c9785a", "#8a9a78", "#d9a441", "#7b8fa8")),
    ("#f4ead2", "#fbf5e6", ("#d98e4a", "#b5654a", "#8c7aa0", "#5f8a8b")),
    ("#e3ecec", "#f1f6f6", ("#5f8f9b", "#d2836b", "#e0b04f", "#7a86b0")),
    ("#f6e3df", "#fcf1ee", ("#c96b6b", "#e0a458", "#7c9a86", "#9a7aa5")),
    ("#e9e4ef", "#f5f2f8", ("#8d7bb0", "#c9788f", "#6d94a8", "#d9a55b")),
    ("#e8ead9", "#f4f5ea", ("#8b9a5b", "#c98a5a", "#6f8f86", "#b56f6f")),
    ("#dfe6ee", "#eff3f8", ("#5d7ea3", "#c98b6b", "#d7b257", "#7d9c8c")),
    ("#e1ecdd", "#f1f7ee", ("#6f9a6a", "#d08a5c", "#d8b24e", "#8a7fb0")),
    ("#f1e4ea", "#f9f2f5", ("#b8688a", "#7c8fb3", "#d9a05b", "#73998c")),
    ("#ece6f0", "#f7f3f9", ("#9a6fae", "#5f9aa0", "#d88a8a", "#c9a04a")),
    ("#f5ecdc", "#fcf7ee", ("#c48a3f", "#7f97ad", "#b86f5d", "#869a6c")),
    ("#dff0ee", "#f0f8f7", ("#4f9c94", "#e08f6b", "#e2b64c", "#8c83b8")),
    ("#fbe6d9", "#fef3ec", ("#e07f5f", "#5fa0a0", "#e0b04f", "#9a83b5")),
    ("#e3ebe0", "#f2f6f0", ("#b5473f", "#4f7f58", "#d1a345", "#7a9aa8")),
)
# In the demo shop neighbours in the menu differ; any other category takes its palette by hash.
CATEGORY_LOOKS: Final[Mapping[str, tuple[int, str]]] = {
    "home-decor": (0, "vase"),
    "lighting-candles": (1, "candle"),
    "tea-tableware": (2, "cup"),
    "baking-kitchen": (3, "cake"),
    "cushions-textiles": (4, "cushion"),
    "storage-tins": (5, "box"),
    "clocks-signs": (6, "clock"),
    "garden": (7, "plant"),
    "bags-travel": (8, "bag"),
    "jewellery-accessories": (9, "gem"),
    "cards-stationery": (10, "card"),
    "children-toys": (11, "teddy"),
    "party-picnic": (12, "bunting"),
    "christmas": (13, "star"),
}
# Of the words in a name the one that stands first here decides what is drawn: a "rose mug" is a
# mug. Where there is none, the category decides.
DRAWN_FOR: Final[Mapping[str, str]] = {
    "christmas tree": "tree", "bauble": "bauble", "lantern": "lantern", "t-light": "candle",
    "candle": "candle", "teapot": "teapot", "mug": "cup", "cup and saucer": "cup", "teacup": "cup",
    "beaker": "cup", "bottle": "bottle", "cushion": "cushion", "doormat": "mat", "umbrella": "umbrella",
    "parasol": "umbrella", "purse": "purse", "wallet": "purse", "handbag": "purse", "gift bag": "gift",
    "bag": "bag", "necklace": "necklace", "earring": "earrings", "bracelet": "bracelet",
    "bangle": "bracelet", "notebook": "book", "sketchbook": "book", "book": "book", "album": "book",
    "pencil": "pencil", "pen": "pencil", "wrap": "gift", "ribbon": "gift", "gift": "gift",
    "card": "card", "clock": "clock", "metal sign": "sign", "sign": "sign", "blackboard": "sign",
    "chalkboard": "sign", "magnet": "magnet", "frame": "frame", "wall art": "frame",
    "mirror": "mirror", "vase": "vase", "jug": "vase", "jar": "jar", "drawer": "drawers", "cabinet": "drawers",
    "box": "box", "tin": "box", "tray": "plate", "coaster": "plate",
    "hook": "hook", "hanger": "hook", "rack": "hook", "basket": "basket", "bunting": "bunting",
    "garland": "bunting", "balloon": "balloon", "cake": "cake", "cupcake": "cake", "plate": "plate",
    "dish": "bowl", "bowl": "bowl", "cutlery": "spoon", "spoon": "spoon", "cookie": "cake",
    "watering can": "watering", "spaceboy": "rocket", "babushka": "doll", "doll": "doll",
    "dolly": "doll", "rabbit": "rabbit", "bunny": "rabbit", "bird": "bird", "dove": "bird",
    "hen": "bird", "butterfly": "butterfly", "flower": "flower", "rose": "flower", "daisy": "flower",
    "heart": "heart", "star": "star", "wreath": "bauble", "snowflake": "star", "bell": "bauble",
}  # fmt: skip
TINTS: Final[Mapping[str, str]] = {
    "black": "#57504d", "white": "#fffdf8", "ivory": "#f7edd6", "cream": "#f5e8c8", "pink": "#e191a8",
    "red": "#c4524b", "blue": "#5f88b5", "turquoise": "#58a8a6", "green": "#76a06c", "mint": "#9ccbb0",
    "purple": "#8c6ba8", "lilac": "#b39ccb", "amethyst": "#9a78b8", "yellow": "#e5bd4f",
    "orange": "#e08b4a", "silver": "#b4bac0", "zinc": "#a3adb3", "gold": "#d2a542",
    "brown": "#95704f", "chocolate": "#7b5641", "grey": "#97979b", "wooden": "#bb8f62",
    "wood": "#bb8f62", "wicker": "#c39c68", "amber": "#d18f3c", "crystal": "#a9c7d4",
}  # fmt: skip
_NOUN: Final = re.compile(
    rf"\b({'|'.join(sorted(DRAWN_FOR, key=len, reverse=True))})(?:s|es)?\b", re.IGNORECASE
)
_RANK: Final = {noun: rank for rank, noun in enumerate(DRAWN_FOR)}
_TINT: Final = re.compile(rf"\b({'|'.join(TINTS)})\b", re.IGNORECASE)
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
    '<g fill="{accent}" opacity=".35"><circle cx="24" cy="30" r="4"/><circle cx="176" cy="40" r="5"/>'
    '<circle cx="180" cy="168" r="4"/><circle cx="20" cy="160" r="5"/></g>',
    '<g fill="none" stroke="{accent}" stroke-opacity=".35" stroke-width="3"><circle cx="176" cy="30" '
    'r="9"/><circle cx="24" cy="172" r="9"/></g>',
    '<g stroke="{accent}" stroke-opacity=".4" stroke-width="3" stroke-linecap="round">'
    '<path d="M22 26v14M15 33h14M178 160v14M171 167h14"/></g>',
)


@dataclass(frozen=True, slots=True)
class Look:
    """What a tile shows and in which colours, as #rrggbb."""

    motif: str
    ground: str
    disc: str
    tint: str
    accent: str
    variant: int


def draw_tile(*, item_id: str, name: str, category: str) -> str:
    """Return the item's tile as SVG: the same for ever while name and category stay."""
    return _draw(look_of(item_id=item_id, name=name, category=category), title=name)


def draw_category_tile(*, key: str, name: str) -> str:
    """Return the tile of a category as SVG."""
    return _draw(look_of(item_id=key, name="", category=key), title=name)


def look_of(*, item_id: str, name: str, category: str) -> Look:
    """Return how an item's tile looks: its noun and colour word where the name has them."""
    chance = _digest(item_id)
    palette, motif = CATEGORY_LOOKS.get(category) or _look_by_hash(category)
    ground, disc, colours = PALETTES[palette]
    nouns, tint = [noun.lower() for noun in _NOUN.findall(name)], _TINT.search(name)
    chosen = chance % len(colours)
    return Look(
        motif=DRAWN_FOR[min(nouns, key=_RANK.__getitem__)] if nouns else motif,
        ground=ground,
        disc=disc,
        tint=TINTS[tint.group(1).lower()] if tint else colours[chosen],
        accent=colours[(chosen + 1 + chance // 7 % (len(colours) - 1)) % len(colours)],
        variant=chance,
    )


def _draw(look: Look, *, title: str) -> str:
    backdrop = BACKDROPS[look.variant // 5 % len(BACKDROPS)].format(disc=look.disc)
    sprinkles = SPRINKLES[look.variant // 31 % len(SPRINKLES)].format(accent=look.accent)
    thing = DRAWINGS[look.motif].format(
        m=look.tint,
        d=_mixed(look.tint, INK, 0.3),
        l=_mixed(look.tint, WHITE, 0.55),
        a=look.accent,
        i=INK,
    )
    shadow = '<ellipse cx="100" cy="168" rx="52" ry="6" fill="#000" opacity=".07"/>'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" role="img">'
        f"<title>{escape(title)}</title>"
        f'<rect width="200" height="200" fill="{look.ground}"/>'
        f"{backdrop}{sprinkles}{shadow}{thing}</svg>"
    )


def _look_by_hash(category: str) -> tuple[int, str]:
    return _digest(category) % len(PALETTES), "gift"


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest())


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = ((int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(own + (its - own) * share):02x}" for own, its in pairs)
