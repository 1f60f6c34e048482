"""Resident memory of the door and the consumer while events go through both.

`memory.py 10000000` sends ten million; a million is the default. The figure: what each holds after
the last tenth, against what it held after the first. A visitor's facts grow until they name a
hundred acts and two hundred items, so there are as many visitors as have all of that within the
first tenth: what grows after it would never stop.
"""

import itertools
import sys

import psutil
from stage import set_stage

set_stage()

from consumer_process import consuming  # noqa: E402
from django.utils import timezone  # noqa: E402
from serving import as_body, asking, serving, workers_of  # noqa: E402

from personalization.access.models import ApiKey  # noqa: E402
from personalization.streams.stream import backlog  # noqa: E402

BATCH = 1_000
ACTS_EACH = 200  # of a visitor in a tenth, each of another item
ITEMS = 4_001  # a prime, so that no visitor comes round to the same items
TENTHS = 10
MOST_WAITING = 200
number = itertools.count()


def main() -> None:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    _, key = ApiKey.objects.create_key(
        name="benchmark", scopes=["events"], vouched_purposes=["analytics", "personalization"]
    )
    visitors = max(1, total // TENTHS // ACTS_EACH)
    headers = {"Authorization": f"Api-Key {key}"}
    print(f"{total:,} events of {visitors:,} visitors")
    print(f"{'events':>12}{'door MB':>10}{'consumer MB':>14}")
    held = []
    with serving() as port, consuming() as consumer, asking(port) as ask:
        for tenth in range(1, TENTHS + 1):
            for _ in range(total // TENTHS // BATCH):
                body = as_body({"events": _batch(visitors)})
                ask(("POST", "/api/v1/events", headers, body))
                while backlog() > MOST_WAITING:
                    consumer.poll()
            door = sum(_megabytes(process) for process in workers_of())
            held.append((door, _megabytes(psutil.Process(consumer.pid))))
            print(f"{total * tenth // TENTHS:12,}{held[-1][0]:10,.0f}{held[-1][1]:14,.0f}")
    first, last = held[0], held[-1]
    print(f"last against first tenth: door {last[0] / first[0]:.2f},", end=" ")
    print(f"consumer {last[1] / first[1]:.2f}, at {timezone.now():%Y-%m-%d}")


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 2**20


def _batch(visitors: int) -> list[dict[str, object]]:
    return [
        {
            "message_id": f"bench-{n}",
            "type": "item_view",
            "user_id": f"visitor-{n % visitors}",
            "properties": {"item_id": str(n % ITEMS), "category": f"c{n % 12}", "price": 2.5},
        }
        for n in itertools.islice(number, BATCH)
    ]


if __name__ == "__main__":
    main()
