"""Dates as rules compare them: texts such as 2026-03-31, whose order is the order of time.

A trait holds a date when it is such a text, alone or with a time of day behind it, which is not
read. Comparing texts gives Python and SQL one answer even for dates that no calendar has.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

# Read by Python and by PostgreSQL, of a folded text.
DATE: Final = r"\A[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(\Z|[t ])"
LENGTH: Final = len("2026-03-31")
_IS_DATE: Final = re.compile(DATE).match


def date_of(text: object) -> str | None:
    """Return the date with which a folded text begins; None where it is none."""
    return text[:LENGTH] if isinstance(text, str) and _IS_DATE(text) else None


def date_at(seconds: float) -> str:
    """Return the date, in UTC, of this moment since 1970."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def window(days: int, *, now: datetime) -> tuple[str, str]:
    """Return the first and the last date of a window that ends today, in UTC."""
    today = now.astimezone(UTC).date()
    return (today - timedelta(days=days - 1)).isoformat(), today.isoformat()
