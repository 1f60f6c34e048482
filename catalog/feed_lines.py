"""One line of a feed, whatever kind of file it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class FeedError(Exception):
    """A feed of which nothing can be read; the text says why."""


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One line of a feed: what it states, or (`problem` not empty) why it states nothing.

    `columns`: of the whole file, also those that this line leaves empty; None where each line
    names its own.
    """

    number: int
    stated: Mapping[str, Any]
    problem: str = ""
    columns: Sequence[str] | None = None
