"""Which consumer handles which shards: an advisory lock each, gone with its holder."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import psycopg
from django.db import connection

# The first half of PostgreSQL's two-part lock keys; any constant of our own will do.
LOCK_SPACE: Final = 7_301


@dataclass(frozen=True, slots=True)
class Lease:
    """The shards this consumer holds for as long as its session lives."""

    shards: list[int]
    session: "psycopg.Connection[tuple[object, ...]]"

    def confirm(self) -> None:
        """Raise psycopg.OperationalError when the session has ended, and with it the locks.

        A database that was restarted gives the shards to whoever asks first: going on would let
        two consumers handle one visitor's events side by side.
        """
        self.session.execute("SELECT 1")


@contextlib.contextmanager
def leased_shards(wanted: Sequence[int]) -> Iterator[Lease]:
    """Yield those of the wanted shards that no other consumer holds, and hold them meanwhile."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    with psycopg.connect(**parameters, autocommit=True) as session:
        yield Lease([shard for shard in wanted if _try_lock(session, shard)], session)


def _try_lock(session: "psycopg.Connection[tuple[object, ...]]", shard: int) -> bool:
    row = session.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, shard]).fetchone()
    return bool(row and row[0])
