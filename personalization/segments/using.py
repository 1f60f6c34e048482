"""Which segments something is made of: other segments, and what rooms above this one make.

`settings.SEGMENT_USES` lists who knows, as dotted paths of functions that return the keys of
segments as a query: this room may not import those above it.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, Final

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.module_loading import import_string

# Wherever in a rule another segment, or a list of another, is named; the table is read once each.
NAMED: Final = """
    SELECT jsonb_path_query(
        rule, '$.** ? (@.fact == "segment").value ? (@.type() == "string")'
    ) #>> '{}' FROM segments_segment
    UNION
    SELECT owner.key FROM segments_segment AS naming
    CROSS JOIN LATERAL jsonb_path_query(naming.rule, '$.** ? (@.fact == "list").name') AS named
    JOIN segments_memberlist AS list ON list.key = named #>> '{}'
    JOIN segments_segment AS owner ON owner.id = list.segment_id AND owner.id <> naming.id
"""


def in_use(rows: QuerySet[Any], *, is_used: bool) -> QuerySet[Any]:
    """Leave of the segments those that something uses, or those that nothing does."""
    uses: Iterable[Any] = [import_string(path)() for path in settings.SEGMENT_USES]
    used = reduce(or_, [Q(key__in=keys) for keys in uses])
    chosen: QuerySet[Any] = rows.filter(used if is_used else ~used)
    return chosen


def named_by_segments() -> RawSQL:
    """Return the keys of segments that others name, as they are saved."""
    return RawSQL(NAMED, ())  # noqa: S611 - nothing of it is anybody's input
