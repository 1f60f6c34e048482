"""The choices of the rule form, in a marketer's words."""

from typing import Final

from consent.purposes import OPTIONAL
from personalization.rules.vocabulary import CONTEXT_NAMES
from personalization.rules.wording import CONTEXT_LABELS, SESSION_LABELS


def _spoken(name: str) -> str:
    return name.replace("_", " ")


MATCH_CHOICES: Final = (
    ("all", "all of these hold"),
    ("any", "at least one of these holds"),
    ("none", "none of these holds"),
)
BEHAVIOUR_CHOICES: Final = (
    ("count", "Number of events"),
    ("sum", "Money in events"),
    ("average", "Average money of one event"),
    ("minimum", "Smallest money of one event"),
    ("maximum", "Largest money of one event"),
    ("days_since", "Days since the latest event"),
    ("first", "Date of the first event"),
    ("last", "Date of the latest event"),
    ("distinct", "Different items or categories of events"),
    ("sequence", "One event followed by another"),
    ("in_session", "Number of events in this visit"),
    *((f"session:{name}", label.capitalize()) for name, label in SESSION_LABELS.items()),
)
PERSON_CHOICES: Final = (
    ("lifecycle", "Stage of life with the shop"),
    ("score", "Score"),
    ("persona", "Persona"),
    ("location", "Location"),
    *((f"consent:{purpose}", f"Agreed to {_spoken(purpose)}") for purpose in OPTIONAL),
)
OF_CHOICES: Final = (("items", "items"), ("categories", "categories"))
GROUP_CHOICES: Final = (
    ("segment", "Another segment"),
    ("percentage", "A share of all profiles, drawn by lot"),
    ("list", "An uploaded list (key)"),
)
OPERATOR_CHOICES: Final[list[tuple[str, str]]] = [
    ("equals", "is"),
    ("not_equals", "is not"),
    ("greater", "is more than"),
    ("at_least", "is at least"),
    ("less", "is less than"),
    ("at_most", "is at most"),
    ("between", "is between"),
    ("in", "is one of"),
    ("not_in", "is none of"),
    ("contains", "contains"),
    ("begins", "begins with"),
    ("ends", "ends with"),
    ("matches", "matches (regular expression)"),
    ("before", "is before (date)"),
    ("after", "is after (date)"),
    ("in_last", "is in the last … days"),
    ("not_in_last", "is not in the last … days"),
    ("has_some", "has at least one of"),
    ("has_all", "has all of"),
    ("has_none", "has none of"),
    ("between_times", "is between two times of day"),
    ("within_km", "is at most … km from (latitude, longitude, km)"),
    ("beyond_km", "is more than … km from (latitude, longitude, km)"),
    ("granted", "yes"),
    ("not_granted", "no"),
    ("done", "yes, in time"),
    ("not_followed", "no, and the time is over"),
    ("in_segment", "belongs to"),
    ("not_in_segment", "does not belong to"),
    ("is_set", "is known"),
    ("is_not_set", "is not known"),
]
# Facts of a storefront's own.
OWN_CHOICES: Final[list[tuple[str, str]]] = []
CONTEXT_CHOICES: Final = tuple((f"context:{name}", CONTEXT_LABELS[name]) for name in CONTEXT_NAMES)
OTHER_TRAIT: Final = ("trait:", "another trait …")
