"""Break off queries that would hold up a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import OperationalError, connection, transaction

SET_TIMEOUT: Final = "SELECT set_config('statement_timeout', %s, true)"


class TookTooLong(Exception):
    """A query was broken off at its limit."""


@contextmanager
def limited_time(*, seconds: float) -> Iterator[None]:
    """Give each query inside this many seconds; raises TookTooLong."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            [before] = cursor.fetchone()
            cursor.execute(SET_TIMEOUT, [f"{round(seconds * 1_000)}ms"])
            yield
            cursor.execute(SET_TIMEOUT, [before])
    except OperationalError as error:
        if "statement timeout" not in str(error):
            raise
        raise TookTooLong from error
