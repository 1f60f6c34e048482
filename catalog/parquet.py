"""Parquet files, read row by row through DuckDB."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

from catalog.feed_lines import FeedError, FeedLine

ROWS_AT_ONCE: Final = 2_000


def read_parquet(path: Path) -> Iterator[FeedLine]:
    """Yield the rows, numbered from 1; nested columns are lists and dicts. Raises FeedError.

    A cell without a value states nothing. Times are ISO 8601, as in the other kinds of feed.
    """
    if not path.is_file():
        raise FeedError(f"{path}: No such file or directory")
    with duckdb.connect(config={"autoload_known_extensions": False}) as connection:
        try:
            rows = connection.execute("SELECT * FROM read_parquet(?)", [_literally(path)])
            names = [column[0] for column in rows.description]
            number = 0
            while batch := rows.fetchmany(ROWS_AT_ONCE):
                for row in batch:
                    number += 1
                    yield FeedLine(number, _stated(names, row), columns=names)
        except duckdb.Error as error:
            raise FeedError(f"{path.name} cannot be read as Parquet: {error}") from error


def _literally(path: Path) -> str:
    """Return the path with what DuckDB takes for a pattern in brackets."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))


def _stated(names: list[str], row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        name: _plain(value) for name, value in zip(names, row, strict=True) if value is not None
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items() if part is not None}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
