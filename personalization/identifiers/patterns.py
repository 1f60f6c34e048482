"""Values that name nobody, as RE2 patterns: whatever is written there cannot run away."""

from collections.abc import Iterable
from typing import Any, Final

import re2
from django.core.exceptions import ValidationError

# Names as shops give them; a pattern that takes one of these for nobody would take everyone.
PROBES: Final = ("anna@example.org", "507f191e810c19729de860ea", "10472", "+44 20 7946 0018")


def lines_of(text: str) -> tuple[str, ...]:
    """Return the patterns of a text, one a line; blank lines are none."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def compile_patterns(patterns: Iterable[str]) -> Any:
    """Return one expression for all of them; raises re2.error."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"\z\A.", options)


def validate_patterns(text: str) -> None:
    """Refuse what is no expression, and what would block people; names the line."""
    for number, pattern in enumerate(lines_of(text), start=1):
        try:
            compiled = compile_patterns([pattern])
        except re2.error as error:
            raise ValidationError(
                f"Line {number}, {pattern!r}, cannot be read as a regular expression."
            ) from error
        for probe in PROBES:
            if compiled.fullmatch(probe):
                raise ValidationError(
                    f"Line {number}, {pattern!r}, would block {probe!r}, and with it real people."
                )
