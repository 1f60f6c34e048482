"""Put identifiers on a list, many at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from django.db import connection

from consent.checking import suppressed_since_many
from consent.subjects import Identifier
from personalization.segments.list_lines import Refused
from personalization.segments.models import MemberList

AT_ONCE: Final = 20_000
# Refused lines that are kept; of the others only the number is told.
KEPT: Final = 10_000
# In the order of the index, so that neighbours are written together.
ADD: Final = """
    INSERT INTO segments_listmember (member_list_id, pseudonym)
    SELECT %s, pseudonym FROM unnest(%s::text[]) AS pseudonym ORDER BY 2 ON CONFLICT DO NOTHING
"""


@dataclass(slots=True)
class Filling:
    """What became of what was put on a list; the first of the refused lines are named.

    Who was erased is not put there and counts as a member all the same, as somebody nobody knows
    does: a list must not tell who asked for it.
    """

    member_list: MemberList
    members: int = 0
    refused: int = 0
    refusals: list[Refused] = field(default_factory=list)
    _left_out: set[str] = field(default_factory=set)

    def take(self, batch: Sequence[Identifier | Refused]) -> None:
        """Put these on the list but for who was erased.

        Raises redis.RedisError where nobody can say who that is.
        """
        refused = [one for one in batch if isinstance(one, Refused)]
        self.refused += len(refused)
        self.refusals += refused[: KEPT - len(self.refusals)]
        pseudonyms = list({one.pseudonym for one in batch if isinstance(one, Identifier)})
        erased = suppressed_since_many(pseudonyms)
        kept = [name for name, since in zip(pseudonyms, erased, strict=True) if since is None]
        with connection.cursor() as cursor:
            cursor.execute(ADD, [self.member_list.pk, kept])
            self.members += cursor.rowcount
        left_out = set(pseudonyms).difference(kept, self._left_out)
        self.members += len(left_out)
        self._left_out |= left_out


def batches(found: Iterable[Identifier | Refused]) -> Iterator[list[Identifier | Refused]]:
    """Yield what was found, many at once; raises what reading raises."""
    left = iter(found)
    while batch := list(islice(left, AT_ONCE)):
        yield batch
