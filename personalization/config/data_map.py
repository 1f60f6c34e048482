"""What every field, stream and Redis prefix is for, how long it stays and who erases it.

The record of processing (GDPR 30) starts here. A field that is not named here is an error at
start-up. Which store erases a place is not repeated: the stores say what they cover.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from django.apps import apps

from consent.keyspaces import DECLARED
from consent.stores import personal_data_stores
from personalization.config.data_places import MODELS, PREFIXES

UNTIL_ERASED: Final = "until the person is erased"
WHILE_USED: Final = "while it is used"
FOR_GOOD: Final = "for good"

# Category: for which purpose, and how long.
CATEGORIES: Final[Mapping[str, tuple[str, str]]] = {
    "direct identifier": ("To know and to give back what a visitor stated", UNTIL_ERASED),
    "key of a person": ("To encrypt direct identifiers", UNTIL_ERASED),
    "pseudonym": ("To recognise a visitor", UNTIL_ERASED),
    "behaviour": (
        "To adapt pages and to see what works",
        f"{UNTIL_ERASED}, or as long as EVENTS_KEPT_MONTHS says",
    ),
    "profile": ("To adapt pages", UNTIL_ERASED),
    "news": ("To act when somebody enters or leaves a segment", "thirty days"),
    "passed on": ("To tell whoever was told when the person is erased", UNTIL_ERASED),
    "model of a person": ("To recommend", UNTIL_ERASED),
    "choice": ("To do only what was agreed to", UNTIL_ERASED),
    "waiting": (
        "To lose nothing between door and database",
        "until stored; buried: until erased, at most DEAD_LETTERS_KEPT_DAYS",
    ),
    "direct identifier of a refused event": (
        "To take in what a schema refused as it came; encrypted",
        "seven days",
    ),
    "uploaded list": ("To make a list of pseudonyms of it", "until it is read; a day at most"),
    "refused": ("To mend a schema and take in what it refused", "seven days"),
    "proof": ("To prove what was chosen, asked, shown or done", FOR_GOOD),
    "suppression": ("To keep an erased person from coming back", FOR_GOOD),
    "example": ("To see that a change does not break what works", "until deleted by hand"),
    "staff": ("To sign in, and to know who did what", "while the account exists"),
    "session": ("To stay signed in", "two weeks after the last sign-in"),
    "access key": ("To let partner systems in", WHILE_USED),
    "authored": ("What marketers and officers write", WHILE_USED),
    "catalogue": ("What is sold", WHILE_USED),
    "published": ("What was live when, to explain and to undo", FOR_GOOD),
    "model": ("What was learned of all people together", FOR_GOOD),
    "count": ("Totals without people", FOR_GOOD),
    "technical": ("To run", WHILE_USED),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the fields of one place that belong together are for."""

    place: str
    fields: tuple[str, ...]
    category: str
    purpose: str
    retention: str
    store: str  # empty where no person can be found in it

    def as_json(self) -> dict[str, object]:
        """Return a JSON-ready form."""
        return asdict(self)


def entries() -> Iterator[Entry]:
    """Yield the whole map, place by place."""
    for label, by_category in MODELS.items():
        for category, fields in by_category.items():
            yield _entry(label, tuple(fields.split()), category)
    for prefix, category in PREFIXES.items():
        yield _entry(f"redis:{prefix}", (), category)


def unmapped() -> list[str]:
    """Return the fields and prefixes that the map does not name."""
    fields = {f"{label}.{name}" for label, name in _fields()}
    named = {f"{one.place}.{name}" for one in entries() for name in one.fields}
    prefixes = {f"redis:{prefix}" for prefix in DECLARED.keys() - PREFIXES.keys()}
    return sorted((fields - named) | prefixes)


def astray() -> list[str]:
    """Return what the map names and does not exist."""
    fields = {f"{label}.{name}" for label, name in _fields()}
    named = {f"{one.place}.{name}" for one in entries() for name in one.fields}
    return sorted(named - fields)


def _fields() -> Iterator[tuple[str, str]]:
    for model in apps.get_models(include_auto_created=True):
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            yield model._meta.label, field.name


def _entry(place: str, fields: tuple[str, ...], category: str) -> Entry:
    stores = [store.name for store in personal_data_stores() if place in store.covers]
    return Entry(place, fields, category, *CATEGORIES[category], store=", ".join(stores))
