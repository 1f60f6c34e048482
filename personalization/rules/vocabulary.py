"""The words of the rule language: its facts, its operators, and which fit together.

An operator is one row in VALUE_KINDS and in OPERATORS_OF here, and one in each reading:
`comparing.py`, `comparing_sql.py`, `wording.py`. A fact is one row in PARAMETERS and
OPERATORS_OF, and in `reading.py`, `reading_sql.py`, `sentences.py`. Tests fail while one is
missing. `docs/segments.md` says what each means. A storefront's own words are added to these
tables by `registering.py`.
"""

from collections.abc import Mapping
from typing import Final

from personalization.profiles.lifecycle import STAGES

MATCHES: Final = ("all", "any", "none")
MAX_DEPTH: Final = 6
MAX_CONDITIONS: Final = 100
MAX_VALUES: Final = 1_000
MAX_TEXT: Final = 200
MAX_NUMBER: Final = 1e12
MAX_DAYS: Final = 3_650
# A hundred days: the latest acts of a visitor seldom reach further back.
MAX_MINUTES: Final = 144_000
MAX_KM: Final = 20_040

# What kind of value each operator asks for.
VALUE_KINDS: Final[dict[str, str]] = {
    "equals": "scalar",
    "not_equals": "scalar",
    "greater": "number",
    "at_least": "number",
    "less": "number",
    "at_most": "number",
    "between": "range",
    "in": "list",
    "not_in": "list",
    "contains": "text",
    "begins": "text",
    "ends": "text",
    "matches": "pattern",
    "before": "date",
    "after": "date",
    "in_last": "days",
    "not_in_last": "days",
    "has_some": "list",
    "has_all": "list",
    "has_none": "list",
    "between_times": "times",
    "within_km": "circle",
    "beyond_km": "circle",
    "granted": "none",
    "not_granted": "none",
    "done": "none",
    "not_followed": "none",
    "in_segment": "segment",
    "not_in_segment": "segment",
    "is_set": "none",
    "is_not_set": "none",
}
NUMERIC: Final = ("equals", "not_equals", "greater", "at_least", "less", "at_most", "between")
TEXTUAL: Final = ("contains", "begins", "ends", "matches")
DATED: Final = ("before", "after", "in_last", "not_in_last")
CHOSEN: Final = ("equals", "not_equals", "in", "not_in")
LISTED: Final = ("has_some", "has_all", "has_none")
MEMBER: Final = ("in_segment", "not_in_segment")
PRESENCE: Final = ("is_set", "is_not_set")

# What each kind of fact is asked with, besides operator and value, and which operators fit it.
PARAMETERS: Final[dict[str, tuple[str, ...]]] = {
    "count": ("event", "category", "days"),
    "sum": ("event", "category", "days"),
    "average": ("event", "days"),
    "minimum": ("event", "days"),
    "maximum": ("event", "days"),
    "days_since": ("event",),
    "first": ("event",),
    "last": ("event",),
    "distinct": ("of", "event", "days"),
    "sequence": ("event", "category", "then", "then_category", "minutes", "days"),
    "session": ("name",),
    "in_session": ("event",),
    "lifecycle": (),
    "score": ("name",),
    "persona": (),
    "consent": ("name",),
    "location": (),
    "trait": ("name",),
    "context": ("name",),
    "percentage": ("name",),
    "list": ("name",),
    "segment": (),
}
OPERATORS_OF: Final[dict[str, tuple[str, ...]]] = {
    "count": NUMERIC,
    "sum": NUMERIC,
    "average": (*NUMERIC, *PRESENCE),
    "minimum": (*NUMERIC, *PRESENCE),
    "maximum": (*NUMERIC, *PRESENCE),
    "days_since": (*NUMERIC, *PRESENCE),
    "first": (*DATED, *PRESENCE),
    "last": (*DATED, *PRESENCE),
    "distinct": NUMERIC,
    "sequence": ("done", "not_followed"),
    "session": NUMERIC,
    "in_session": NUMERIC,
    "lifecycle": (*CHOSEN, *PRESENCE),
    "score": (*NUMERIC, *PRESENCE),
    "persona": (*CHOSEN, *PRESENCE),
    "consent": ("granted", "not_granted"),
    "location": ("within_km", "beyond_km", *PRESENCE),
    "trait": (*NUMERIC, "in", "not_in", *TEXTUAL, *DATED, *LISTED, *PRESENCE),
    "context": (*NUMERIC, "in", "not_in", *TEXTUAL, "between_times", *PRESENCE),
    "percentage": ("less", "at_least"),
    "list": PRESENCE,
    "segment": MEMBER,
}
# Facts that are numbers, whatever they are compared with.
AMOUNTS_ONLY: Final[set[str]] = {
    "count",
    "sum",
    "average",
    "minimum",
    "maximum",
    "days_since",
    "distinct",
    "session",
    "in_session",
    "score",
    "percentage",
}
# Facts that are texts, and the texts there are; None: any text.
TEXTS_ONLY: Final[dict[str, tuple[str, ...] | None]] = {"lifecycle": STAGES, "persona": None}
# The names there are, of facts whose name is not free.
SESSION_NAMES: Final = ("number", "events", "minutes")
DISTINCT_OF: Final = ("items", "categories")

# None: any text.
CONTEXT_TEXTS: Final[Mapping[str, tuple[str, ...] | None]] = {
    "device": ("mobile", "tablet", "desktop", "bot"),
    "category": None,
    "item": None,
    "page": None,
    "referrer": ("search", "social", "direct", "internal", "other"),
    "campaign": None,
    "source": None,
    "medium": None,
    "country": None,
    "region": None,
    "time": None,
}
CONTEXT_NUMBERS: Final[Mapping[str, range]] = {"hour": range(24), "weekday": range(7)}
CONTEXT_NAMES: Final = (*CONTEXT_TEXTS, *CONTEXT_NUMBERS)
NAMES_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "context": CONTEXT_NAMES,
    "session": SESSION_NAMES,
}
