"""Batches a second through the events door, against a bare Django view that parses the same body.

One granian worker serves both, behind the same middleware. They take turns of a second each; the
median ratio is shown for each size of batch. Events go through everything: key, strict parsing,
validation, schemas, normalisation, consent, the append to the stream.
"""

import itertools
import statistics
from typing import Any

from stage import set_stage

set_stage()

from django.utils import timezone  # noqa: E402
from serving import CLIENTS, Question, as_body, serving, turn  # noqa: E402

from consent.keyspaces import patient_redis_connection  # noqa: E402
from consent.recording import record_missing  # noqa: E402
from consent.subjects import Subject  # noqa: E402
from personalization.access.models import ApiKey  # noqa: E402

SIZES = (1, 10, 100)
PAIRS = 8
VISITORS = 1_000
PURPOSES = frozenset({"analytics", "personalization"})
number = itertools.count()


def main() -> None:
    subjects = [Subject.of(user_id=f"visitor-{n}") for n in range(VISITORS)]
    record_missing(subjects=subjects, purposes=PURPOSES, mechanism="API", now=timezone.now())
    _, key = ApiKey.objects.create_key(name="benchmark", scopes=["events"])
    headers = {"Authorization": f"Api-Key {key}"}
    print(f"1 worker, {CLIENTS} clients, {PAIRS} pairs a size")
    print(f"{'events a batch':>16}{'door batches/s':>16}{'parsing only/s':>16}{'ratio':>8}")
    with serving() as port:
        for size in SIZES:
            pairs = [_pair(port, headers, size=size) for _ in range(PAIRS + 1)][1:]
            door, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratio = statistics.median(d / b for d, b in pairs)
            print(f"{size:16}{door:16,.0f}{bare:16,.0f}{ratio:8.2f}")


def _pair(port: int, headers: dict[str, str], *, size: int) -> tuple[float, float]:
    def ask(path: str) -> Question:
        return "POST", path, headers, as_body({"events": [_event() for _ in range(size)]})

    door = turn(port, lambda _: ask("/api/v1/events"))
    patient_redis_connection().delete(*(f"events:{shard}" for shard in range(4)))
    return door, turn(port, lambda _: ask("/parse-only"))


def _event() -> dict[str, Any]:
    n = next(number)
    return {
        "message_id": f"bench-{n}",
        "type": "item_view" if n % 5 else "add_to_cart",
        "user_id": f"visitor-{n * 7919 % VISITORS}",
        "properties": {"item_id": str(n % 4_000), "category": f"c{n % 12}", "price": 2.5},
        "context": {"page": f"/item/{n % 4_000}/", "locale": "en-GB"},
    }


if __name__ == "__main__":
    main()
