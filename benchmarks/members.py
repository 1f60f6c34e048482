"""What a page of a segment's members costs, among few profiles and among many.

Profiles are made by SQL, half of them with consent. Each page has up to 200 members; the deep one
begins after half of all profiles.
"""

import resource
import statistics
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from stage import set_stage

set_stage()

from django.db import connection  # noqa: E402

from consent.checking import CHOICES  # noqa: E402
from consent.keyspaces import patient_redis_connection  # noqa: E402
from personalization.profiles.models import ProfileIdentifier  # noqa: E402
from personalization.segments.exporting import export_members  # noqa: E402
from personalization.segments.members import (  # noqa: E402
    FEWEST,
    TooFew,
    all_members,
    members_page,
)
from personalization.segments.models import LiveEntry  # noqa: E402
from personalization.segments.page_cursors import Cursor  # noqa: E402

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
SIZES: Final = (10_000, 300_000)
PURPOSE: Final = "personalization"
ROUNDS: Final = 7
LIMIT: Final = 200

PROFILES: Final = """
INSERT INTO profiles_profile (facts, has_unkept_acts)
SELECT jsonb_build_object(
    'traits', jsonb_build_object('country', (ARRAY['France', 'Spain', 'Italy'])[1 + n %% 3],
        'number', n, 'notes', repeat(md5(n::text), 20)),
    'counts', jsonb_build_object('purchase', (SELECT jsonb_object_agg((20770 - d)::text, 1 + n %% 4)
        FROM generate_series(0, 20) d), 'item_view', '{"20770": 3, "20760": 9}'::jsonb),
    'lists', '[]'::jsonb), FALSE
FROM generate_series(%s::int, %s) n
"""
NAMES: Final = """
INSERT INTO profiles_profileidentifier (profile_id, kind, pseudonym)
SELECT id, 'user', md5(id::text) FROM profiles_profile
ON CONFLICT DO NOTHING
"""
RULES: Final = {
    "two thirds, by trait": {
        "fact": "trait", "name": "country", "operator": "in", "value": ["France", "Spain"],
    },
    "a quarter, by behaviour": {
        "fact": "count", "event": "purchase", "days": 30, "operator": "greater", "value": 80,
    },
    "a hundred at the end": {
        "fact": "trait", "name": "number", "operator": "greater", "value": SIZES[-1] - 100,
    },
}  # fmt: skip


def main() -> None:
    for name, condition in RULES.items():
        definition = {"name": name, "rule": {"all": [condition]}}
        LiveEntry.objects.create(section="segments", key=name, definition=definition, version=1)
    took: dict[tuple[str, str], list[float]] = {}
    made = 0
    for size in SIZES:
        _make(made + 1, size)
        made = size
        for name in RULES:
            for where, after in (("first", Cursor()), ("deep", Cursor(size // 2, FEWEST))):
                milliseconds = _page_time(name, after)
                took.setdefault((name, where), []).append(milliseconds)
                print(f"{size:>9,} profiles, {name}, {where} page: {milliseconds:.0f} ms")
    for (name, where), (few, many) in took.items():
        print(f"{name}, {where} page: {many / few:.1f} times as long among 30 times as many")
    _export("two thirds, by trait")


def _page_time(key: str, after: Cursor) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        with suppress(TooFew):
            members_page(key=key, purpose=PURPOSE, after=after, limit=LIMIT, now=NOW)
        times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times)


def _export(key: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    members = all_members(key=key, purpose=PURPOSE, now=NOW)
    lines = sum(1 for _ in export_members(members, key="s", purpose=PURPOSE, by="ann", now=NOW))
    seconds = time.perf_counter() - started
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"export of {lines:,} lines: {seconds:.1f} s, {more:.0f} MB more memory at its peak")


def _make(first: int, last: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PROFILES, [first, last])
        cursor.execute(NAMES)
        cursor.execute("VACUUM ANALYZE")
    agreed = ProfileIdentifier.objects.filter(profile_id__gte=first, profile_id__lte=last)
    pipeline = patient_redis_connection().pipeline(transaction=False)
    for number, pseudonym in enumerate(agreed.values_list("pseudonym", flat=True).iterator()):
        if number % 2:
            pipeline.set(CHOICES.key(pseudonym), b"1 +personalization")
        if number % 10_000 == 0:
            pipeline.execute()
    pipeline.execute()


if __name__ == "__main__":
    main()
