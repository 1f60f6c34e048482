"""How the tile of an item looks: what is drawn, and in which colours."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

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
UNKNOWN_MOTIF: Final = "gift"
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
NOUNS: Final = (
    ("tree", ("christmas tree",)),
    ("bauble", ("bauble",)),
    ("lantern", ("lantern",)),
    ("incense", ("incense",)),
    ("lamp", ("lamp", "lampshade", "chandelier")),
    ("tealight", ("t-light", "votive", "candleholder")),
    ("candles", ("candles",)),
    ("candle", ("candle",)),
    ("teapot", ("teapot",)),
    ("cup", ("mug", "cup and saucer", "teacup", "beaker")),
    ("bottle", ("bottle",)),
    ("cushion", ("cushion",)),
    ("mat", ("doormat",)),
    ("umbrella", ("umbrella", "parasol")),
    ("purse", ("purse", "wallet", "handbag")),
    ("gift", ("gift bag",)),
    ("bag", ("bag",)),
    ("necklace", ("necklace",)),
    ("earrings", ("earring",)),
    ("bracelet", ("bracelet", "bangle")),
    ("book", ("notebook", "sketchbook", "book", "album")),
    ("pencil", ("pencil", "pen")),
    ("gift", ("wrap", "ribbon", "gift")),
    ("card", ("card",)),
    ("clock", ("clock",)),
    ("sign", ("metal sign", "sign", "blackboard", "chalkboard")),
    ("magnet", ("magnet",)),
    ("frame", ("frame", "wall art")),
    ("mirror", ("mirror",)),
    ("vase", ("vase", "jug")),
    ("jar", ("jar",)),
    ("drawers", ("drawer", "cabinet")),
    ("box", ("box", "tin")),
    ("plate", ("tray", "coaster")),
    ("hook", ("hook", "hanger", "rack")),
    ("basket", ("basket",)),
    ("bunting", ("bunting", "garland")),
    ("balloon", ("balloon",)),
    ("cake", ("cake", "cupcake")),
    ("plate", ("plate",)),
    ("bowl", ("dish", "bowl")),
    ("spoon", ("cutlery", "spoon")),
    ("cake", ("cookie",)),
    ("watering", ("watering can",)),
    ("rocket", ("spaceboy",)),
    ("doll", ("babushka", "doll", "dolly")),
    ("rabbit", ("rabbit", "bunny")),
    ("bird", ("bird", "dove", "hen")),
    ("butterfly", ("butterfly",)),
    ("flower", ("flower", "rose", "daisy")),
    ("heart", ("heart",)),
    ("star", ("star",)),
    ("bauble", ("wreath",)),
    ("star", ("snowflake",)),
    ("bauble", ("bell",)),
)
TINTS: Final[Mapping[str, str]] = {
    "black": "#57504d",
    "white": "#fffdf8",
    "ivory": "#f7edd6",
    "cream": "#f5e8c8",
    "pink": "#e191a8",
    "red": "#c4524b",
    "blue": "#5f88b5",
    "turquoise": "#58a8a6",
    "green": "#76a06c",
    "mint": "#9ccbb0",
    "purple": "#8c6ba8",
    "lilac": "#b39ccb",
    "amethyst": "#9a78b8",
    "yellow": "#e5bd4f",
    "orange": "#e08b4a",
    "silver": "#b4bac0",
    "zinc": "#a3adb3",
    "gold": "#d2a542",
    "brown": "#95704f",
    "chocolate": "#7b5641",
    "grey": "#97979b",
    "wooden": "#bb8f62",
    "wood": "#bb8f62",
    "wicker": "#c39c68",
    "amber": "#d18f3c",
    "crystal": "#a9c7d4",
}
PALE: Final = frozenset({TINTS["white"], TINTS["ivory"], TINTS["cream"]})
# How much of the accent is in the ground: a shelf's tiles are kin, not twins.
GROUND_SHADES: Final = (0.0, 0.12, 0.24)

_MOTIF_OF: Final = {noun: motif for motif, nouns in NOUNS for noun in nouns}
_RANK: Final = {noun: rank for rank, noun in enumerate(_MOTIF_OF)}
_NOUN: Final = re.compile(
    rf"\b({'|'.join(sorted(_MOTIF_OF, key=len, reverse=True))})(?:s|es)?\b", re.IGNORECASE
)
_TINT: Final = re.compile(rf"\b({'|'.join(TINTS)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Look:
    """What a tile shows and in which colours, as #rrggbb; `variant` picks what lies behind."""

    motif: str
    ground: str
    disc: str
    own: str
    accent: str
    variant: int


def look_of(*, item_id: str, name: str, category: str) -> Look:
    """Return how an item's tile looks: its noun and colour word where the name has them."""
    chance = _digest(item_id)
    palette, usual = CATEGORY_LOOKS.get(category) or _look_by_hash(category)
    ground, disc, colours = PALETTES[palette]
    accent = colours[(chance + 1 + chance // 7 % (len(colours) - 1)) % len(colours)]
    own = _stated_tint(name) or colours[chance % len(colours)]
    if own in PALE:
        # A white thing on a white disc would not be seen.
        ground, disc = mixed(ground, colours[0], 0.55), mixed(ground, colours[0], 0.35)
    else:
        ground = mixed(ground, accent, GROUND_SHADES[chance // 11 % len(GROUND_SHADES)])
    return Look(_stated_motif(name) or usual, ground, disc, own, accent, chance)


def mixed(colour: str, other: str, share: float) -> str:
    """Return the colour with this share of the other in it."""
    pairs = ((int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(own + (its - own) * share):02x}" for own, its in pairs)


def _stated_tint(name: str) -> str | None:
    word = _TINT.search(name)
    return TINTS[word.group(1).lower()] if word else None


def _stated_motif(name: str) -> str | None:
    nouns = [noun.lower() for noun in _NOUN.findall(name)]
    return _MOTIF_OF[min(nouns, key=_RANK.__getitem__)] if nouns else None


def _look_by_hash(category: str) -> tuple[int, str]:
    return _digest(category) % len(PALETTES), UNKNOWN_MOTIF


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest())
