"""Tags told from a product's name: colour, material, theme, season."""

import re
from collections.abc import Mapping
from typing import Final

# Tag by the words that earn it.
WORDS: Final[Mapping[str, str]] = {
    # colours
    "black": "black",
    "white": "white",
    "ivory": "ivory",
    "cream": "cream",
    "pink": "pink",
    "red": "red",
    "blue": "blue turquoise",
    "green": "green mint",
    "purple": "purple lilac amethyst",
    "yellow": "yellow",
    "orange": "orange",
    "silver": "silver",
    "gold": "gold golden",
    "brown": "brown chocolate",
    "grey": "grey",
    "pastel": "pastel",
    "rainbow": "multicolour rainbow",
    # materials
    "glass": "glass murano",
    "metal": "metal iron",
    "wood": "wood wooden",
    "zinc": "zinc",
    "ceramic": "ceramic porcelain china stoneware",
    "paper": "paper",
    "felt": "felt feltcraft",
    "wicker": "wicker rattan willow",
    "enamel": "enamel",
    "cotton": "cotton fabric linen",
    "tin": "tin tins",
    "crystal": "crystal diamante",
    "slate": "slate",
    "shell": "shell pearl",
    "knitted": "knitted crochet wool",
    "lace": "lace",
    # themes
    "heart": "heart hearts love sweetheart",
    "star": "star stars",
    "bird": "bird birds owl robin dove",
    "butterfly": "butterfly butterflies",
    "floral": "flower flowers floral rose roses daisy poppy blossom botanical lavender",
    "spots": "spot spots dot dots",
    "paisley": "paisley",
    "vintage": "vintage antique victorian edwardian",
    "retro": "retro 50's 60's 70's",
    "union jack": "union jack",
    "regency": "regency",
    "skull": "skull skulls",
    "cat": "cat cats kitty kitten",
    "dog": "dog dogs puppy",
    "rabbit": "rabbit bunny",
    "space": "spaceboy rocket space",
    "dolly girl": "dolly",
    "woodland": "woodland toadstool forest",
    "babushka": "babushka",
    "fruit": "strawberry cherry apple apples fruit lemon pears pear",
    "london": "london",
    "french": "french paris",
    "circus": "circus",
    "fairy": "fairy angel",
    "zoo": "dinosaur elephant monkey giraffe lion",
    "tea time": "tea teatime teapot cake cakes",
    "sweets": "candy sweetie lolly",
    "striped": "stripe stripes striped gingham",
    # seasons and occasions
    "christmas": "christmas santa reindeer snowman snowflake advent",
    "easter": "easter chick egg",
    "birthday": "birthday",
    "wedding": "wedding bride",
    "summer": "beach parasol picnic summer seaside",
    "winter": "winter warmer snow snowy",
    "halloween": "halloween witch pumpkin",
    "baby": "baby",
}
_TAG_OF: Final = {word: tag for tag, words in WORDS.items() for word in words.split()}
_WORD: Final = re.compile(r"[a-z0-9']+")


def tags_of(name: str) -> tuple[str, ...]:
    """Return the tags of a product, each once, in the order of the name's words."""
    words = _WORD.findall(name.lower())
    return tuple(dict.fromkeys(_TAG_OF[word] for word in words if word in _TAG_OF))
