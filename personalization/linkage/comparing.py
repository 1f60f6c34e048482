"""How alike two values of a field are: levels from the same to different, in words and for Splink.

A level is tried after those above it; a value that is not known speaks neither for nor against.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import splink.comparison_level_library as levels
import splink.comparison_library as comparisons

UNKNOWN: Final = "not known of both"
DIFFERENT: Final = "different"


@dataclass(frozen=True, slots=True)
class Level:
    """One answer to how alike two values are."""

    words: str
    make: Callable[[str], Any]


def _same(field: str) -> Any:
    # To share a rare value says more than to share a frequent one.
    return levels.ExactMatchLevel(field, term_frequency_adjustments=True)


def _spelled(likeness: float) -> Callable[[str], Any]:
    return lambda field: levels.JaroWinklerLevel(field, likeness)


def _typed(slips: int) -> Callable[[str], Any]:
    return lambda field: levels.DamerauLevenshteinLevel(field, slips)


COMPARISONS: Final[Mapping[str, Sequence[Level]]] = {
    "name": (
        Level("the same", _same),
        Level("spelled almost the same", _spelled(0.92)),
        Level("spelled alike", _spelled(0.85)),
        Level("somewhat alike", _spelled(0.7)),
    ),
    "text": (
        Level("the same", _same),
        Level("spelled almost the same", _spelled(0.92)),
        Level("spelled alike", _spelled(0.8)),
    ),
    "code": (
        Level("the same", levels.ExactMatchLevel),
        Level("one slip apart", _typed(1)),
        Level("two slips apart", _typed(2)),
    ),
    "exact": (Level("the same", _same),),
}


def comparison(field: str, kind: str) -> Any:
    """Return the field's comparison as Splink takes it; raises KeyError for an unknown kind."""
    made = [level.make(field) for level in COMPARISONS[kind]]
    return comparisons.CustomComparison(
        output_column_name=field,
        comparison_levels=[levels.NullLevel(field), *made, levels.ElseLevel()],
    )


def words_of(kind: str, level: int) -> str:
    """Return in words what Splink numbers: -1 is unknown, 0 different, the highest the same."""
    if level < 0:
        return UNKNOWN
    return DIFFERENT if level == 0 else COMPARISONS[kind][-level].words
