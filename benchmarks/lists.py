"""How long a worker is busy with an uploaded list of a million e-mail addresses."""

import resource
import time
from collections.abc import Iterator
from typing import Final

from stage import set_stage

set_stage()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from consent.subjects import Identifier  # noqa: E402
from personalization.segments.listing import list_rule  # noqa: E402
from personalization.segments.models import Segment  # noqa: E402
from personalization.segments.upload_keeping import keep_upload  # noqa: E402
from personalization.segments.upload_reading import read_upload  # noqa: E402

LINES: Final = 1_000_000
KNOWN: Final = 100_000
# About a megabyte, as the form hands them over.
LINES_A_PART: Final = 32_000
PROFILES: Final = """
INSERT INTO profiles_profile (facts, has_unkept_acts)
SELECT jsonb_build_object('lists', '[]'::jsonb, 'notes', repeat(md5(n::text), 40)), FALSE
FROM generate_series(1, %s) n
"""
NAMES: Final = "COPY profiles_profileidentifier (profile_id, kind, pseudonym) FROM STDIN"


def main() -> None:
    _make_profiles()
    segment = Segment.objects.create(name="VIPs", kind="static", rule=list_rule("none-yet"))
    started = time.perf_counter()
    upload = keep_upload(
        segment=segment,
        chunks=_chunks(),
        id_kind="email",
        note="Benchmark",
        publishes=False,
        by="ann",
        now=timezone.now(),
    )
    print(f"kept {upload.size / 1e6:.0f} MB: {time.perf_counter() - started:.1f} s of the request")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, busy = time.perf_counter(), time.process_time()
    read_upload(upload.pk, clock=timezone.now)
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    upload.refresh_from_db()
    print(f"{upload.get_state_display()}: {upload.message}")
    print(
        f"{seconds:.0f} s in the worker, {KNOWN:,} known profiles matched;"
        f" {busy:.0f} s of it in Python; {more:.0f} MB more memory at its peak"
    )


def _make_profiles() -> None:
    with connection.cursor() as cursor:
        cursor.execute(PROFILES, [KNOWN])
        with cursor.copy(NAMES) as copy:
            for number in range(KNOWN):
                name = Identifier("email", _address(number)).pseudonym
                copy.write_row((number + 1, "email", name))
        cursor.execute("VACUUM ANALYZE")


def _chunks() -> Iterator[bytes]:
    for first in range(0, LINES, LINES_A_PART):
        numbers = range(first, min(first + LINES_A_PART, LINES))
        yield "".join(f"{_address(number)}\n" for number in numbers).encode()


def _address(number: int) -> str:
    return f"person.number{number}@example.com"


if __name__ == "__main__":
    main()
