"""The words of the rule language: its facts, its operators, and which fit together.

An operator is one row in VALUE_KINDS and in OPERATORS_OF here, and one in each reading:
`comparing.py`, `comparing_sql.py`, `sentences.py`. A fact is one row in PARAMETERS and
OPERATORS_OF, and in `reading.py`, `reading_sql.py`, `sentences.py`. Tests fail while one is
missing. `docs/segments.md` says what each means.
"""

from collections.abc import Mapping
from typing import Final

MATCHES: Final = ("all", "any", "none")
MAX_DEPTH: Final = 6
MAX_CONDITIONS: Final = 100
MAX_VALUES: Final = 1_000
MAX_TEXT: Final = 200
MAX_NUMBER: Final = 1e12
MAX_DAYS: Final = 3_650

# What kind of value each operator asks for.
VALUE_KINDS: Final[Mapping[str, str]] = {
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
    "in_segment": "segment",
    "not_in_segment": "segment",
    "is_set": "none",
    "is_not_set": "none",
}
OPERATORS: Final = tuple(VALUE_KINDS)
NUMERIC: Final = ("equals", "not_equals", "greater", "at_least", "less", "at_most", "between")
TEXTUAL: Final = ("contains", "begins", "ends", "matches")
DATED: Final = ("before", "after", "in_last", "not_in_last")
MEMBER: Final = ("in_segment", "not_in_segment")
PRESENCE: Final = ("is_set", "is_not_set")

# What each kind of fact is asked with, besides operator and value, and which operators fit it.
PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "count": ("event", "category", "days"),
    "sum": ("event", "category", "days"),
    "average": ("event", "days"),
    "minimum": ("event", "days"),
    "maximum": ("event", "days"),
    "days_since": ("event",),
    "first": ("event",),
    "last": ("event",),
    "trait": ("name",),
    "context": ("name",),
    "percentage": ("name",),
    "segment": (),
}
OPERATORS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "count": NUMERIC,
    "sum": NUMERIC,
    "average": (*NUMERIC, *PRESENCE),
    "minimum": (*NUMERIC, *PRESENCE),
    "maximum": (*NUMERIC, *PRESENCE),
    "days_since": (*NUMERIC, *PRESENCE),
    "first": (*DATED, *PRESENCE),
    "last": (*DATED, *PRESENCE),
    "trait": (*NUMERIC, "in", "not_in", *TEXTUAL, *DATED, *PRESENCE),
    "context": (*NUMERIC, "in", "not_in", *TEXTUAL, *PRESENCE),
    "percentage": ("less", "at_least"),
    "segment": MEMBER,
}
# Facts that are numbers, whatever they are compared with.
AMOUNTS_ONLY: Final = frozenset(
    {"count", "sum", "average", "minimum", "maximum", "days_since", "percentage"}
)

# None: any text.
CONTEXT_TEXTS: Final[Mapping[str, tuple[str, ...] | None]] = {
    "device": ("mobile", "tablet", "desktop"),
    "category": None,
    "page": None,
    "referrer": ("search", "social", "direct", "internal", "other"),
    "campaign": None,
    "source": None,
    "medium": None,
    "country": None,
    "region": None,
}
CONTEXT_NUMBERS: Final[Mapping[str, range]] = {"hour": range(24), "weekday": range(7)}
CONTEXT_NAMES: Final = (*CONTEXT_TEXTS, *CONTEXT_NUMBERS)
