"""The demo shop's categories, told from a product's name."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Shelf:
    """One category and the words that lead to it, as regular expressions of whole words."""

    name: str
    words: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """Match any of the words, in one or in many ("mug", "mugs")."""
        return re.compile(rf"\b(?:{'|'.join(self.words.split())})(?:s|es)?\b", re.IGNORECASE)


# Words that settle the matter wherever else the name would lead: a "playing card" is a toy.
PLAIN_CASES: Final = (
    Shelf("Christmas", "christmas xmas advent"),
    Shelf("Jewellery & Accessories", "necklace earring bracelet brooch key.ring keyring hair.clip"),
    Shelf(
        "Bags & Travel",
        "purse wallet luggage handbag jumbo.bag lunch.bag shoulder.bag evening.bag beach.bag "
        "picnic.bag umbrella suitcase backpack tote.bag charlotte.bag shopper passport",
    ),
    Shelf("Children & Toys", "playing.card soft.toy jigsaw helicopter piggy.bank doll playhouse"),
    Shelf(
        "Cushions & Textiles",
        "hot.water cushion doormat doorstop sewing quilt curtain slipper throw",
    ),
    Shelf("Lighting & Candles", "incense t-light candle candleholder lampshade chandelier lamp"),
    Shelf("Clocks & Signs", "clock metal.sign wall.art magnet"),
    Shelf("Tea & Tableware", "mug teacup saucer teapot coaster chopstick"),
    Shelf("Home Decor", "picture.frame photo.frame mirror vase"),
    Shelf("Storage & Tins", "money.box money.bank hook hanger drawer.knob"),
)

# Read from the top: the first shelf with a word of the name takes the product, so that a
# "Christmas candle" is on the Christmas shelf and a "gift bag" is not among the handbags.
# A dot stands for the blank in words of two.
SHELVES: Final = (
    Shelf(
        "Christmas",
        "christmas advent santa snowflake snowman snowmen reindeer rudolph noel bauble "
        "nativity stocking holly mistletoe sleigh wreath gingerbread snowy robin angel icicle "
        "tree.decoration hanging.tree tree.hanging",
    ),
    Shelf(
        "Cards & Stationery",
        "card notebook pencil pen wrap sticker tape envelope journal eraser stamp calendar "
        "sketchbook gift.tag tag writing.set stationery notepad letter.set memo diary crayon "
        "chalk ruler sharpener bookmark gift.bag tissue.paper ribbon wrapping book post-it "
        "clip paperweight greeting filofax drawing.book memoboard address.book folder file "
        "photo.album album scrapbook.kit craft.kit sewing.kit sketch rubber origami stencil",
    ),
    Shelf(
        "Jewellery & Accessories",
        "necklace earring bracelet ring bangle brooch pendant diamante hair tiara charm bead "
        "hairclip hairslide hairgrip hairband keyring key-ring key.ring scarf jewel "
        "necklace+bracelet jewelled choker anklet lariat crystal phone.charm pearl beaded "
        "pashmina key.fob cufflink sunglasses watch wristband",
    ),
    Shelf(
        "Party & Picnic",
        "bunting party garland balloon napkin paper.cup paper.plate picnic birthday confetti "
        "doily doilies streamer cake.case cake.candle popcorn snack.box straws straw "
        "paper.chain disco fancy.dress mask cocktail cupcake.case lolly sweetheart.cake "
        "serviette parasol paper.bell honeycomb hen.party popart candy lunch.box lunchbox "
        "lunch.bag.charlotte tissues beach.bucket beach.spade windmill",
    ),
    Shelf(
        "Bags & Travel",
        "bag handbag shopper purse wallet luggage passport suitcase rucksack backpack travel "
        "umbrella satchel tote washbag case.retro oyster flannel lunch cosmetic make-up "
        "wash.bag raincoat poncho trolley fob",
    ),
    Shelf(
        "Children & Toys",
        "children childrens children's childs child's child toy doll jigsaw puzzle game kids "
        "baby playing dominoes domino skittle teddy rattle marbles magic colouring dinosaur "
        "soldier skipping yo-yo spinning.top ludo snakes farmyard circus spaceboy dolly.girl "
        "girl boy robot rocking.horse horse train truck plane bath.duck duck soft felt.craft "
        "farm knight princess pirate charlie lola mobile glider building.block catapult catch "
        "monkey puppet tooth.fairy musical harmonica recorder feather.pen cowboy croquet "
        "quoits bingo cubes sandpit animal inflatable bubble trampoline playhouse space.owl "
        "sock kit cars",
    ),
    Shelf(
        "Lighting & Candles",
        "t-light t-lights candle candles candlestick candleholder lantern light lights lamp "
        "lampshade incense votive nightlight night.light oil.burner burner chandelier "
        "candelabra torch bulb scented joss tealight lampholder candlepot candelabrum matches "
        "scent fragrance diffuser essential.balm lightbulb",
    ),
    Shelf(
        "Clocks & Signs",
        "clock sign plaque alarm blackboard chalkboard letter number house.number "
        "alphabet.block thermometer doorbell door.bell no wall.art wall.plate metal.print "
        "noticeboard notice.board memo.board magnet magnets magnetic poster",
    ),
    Shelf(
        "Baking & Kitchen",
        "baking apron tea.towel oven mould measuring spoon whisk cutter jam jelly pantry "
        "recipe egg kitchen scale scales bread cooking frying pan casserole cookie cake.tin "
        "cake.stand cakestand cake.tins colander grater sieve rolling chopping timer toaster "
        "cutlery butter sugar salt pepper spice biscuit fridge bottle.opener corkscrew food "
        "ladle jampot preserving tins pie popsicle cake.slice cake.server cake cupcake "
        "spatula pastry dish.cloth dishcloth tier cheese washing.up rubber.glove",
    ),
    Shelf(
        "Tea & Tableware",
        "mug cup saucer plate bowl teapot tea.pot jug glass.goblet goblet beaker tray coaster "
        "placemat place.mat dish bottle flask tumbler tea coffee dinner decanter carafe "
        "sundae wine bistro cafetiere tankard egg.cup milk platter table tablecloth tablemat "
        "chopstick cake.plate teaspoon glass.dish punch champagne sherry shot ramekin "
        "breakfast crockery place.setting teatime",
    ),
    Shelf(
        "Garden",
        "garden plant planter watering bird birdcage birdhouse flower.pot flowerpot gnome "
        "feeder herb trowel seed zinc easter chick bunny rabbit hen wind.chime windchime "
        "chime trellis bucket toadstool hedgehog owl wheelbarrow parasols greenhouse gardener "
        "gardeners secateurs bench pebble fork kneeling insect bug squirrel chair topiary "
        "nesting peg pot can spade grow",
    ),
    Shelf(
        "Cushions & Textiles",
        "cushion throw quilt doormat curtain hot.water blanket rug slipper towel doorstop "
        "door.stop draught fabric knitted crochet bedspread bean.bag pillow lace tablecloth "
        "warmer cosy patchwork filler.pad seat pouffe deckchair eye.mask sleep bathrobe "
        "cotton.reel ottoman embroidered footstool footstools textile foot.stool reel sewing "
        "knitting button thimble pincushion",
    ),
    Shelf(
        "Storage & Tins",
        "box boxes tin jar basket drawer cabinet hook hanger rack storage tidy organiser "
        "trinket chest bin hat.stand shelf shelves crate cupboard canister toilet soap "
        "toothbrush holder money knob trunk coat peg.rack bathroom bath rail stand container "
        "pail wardrobe key",
    ),
    Shelf("Home Decor", ""),
)
# As the shop's menu lists them; the season's shelf closes it.
MENU: Final = (
    "Home Decor",
    "Lighting & Candles",
    "Tea & Tableware",
    "Baking & Kitchen",
    "Cushions & Textiles",
    "Storage & Tins",
    "Clocks & Signs",
    "Garden",
    "Bags & Travel",
    "Jewellery & Accessories",
    "Cards & Stationery",
    "Children & Toys",
    "Party & Picnic",
    "Christmas",
)
DEFAULT_SHELF: Final = SHELVES[-1].name
_PATTERNS: Final = tuple((shelf.name, shelf.pattern) for shelf in (*PLAIN_CASES, *SHELVES[:-1]))


def shelf_of(name: str) -> str:
    """Return the one category of a product; what no word places is decoration."""
    return next((shelf for shelf, words in _PATTERNS if words.search(name)), DEFAULT_SHELF)
