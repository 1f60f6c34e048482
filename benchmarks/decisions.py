"""Decisions a second over HTTP, against a bare Django JSON view on the same server.

One granian worker serves both. They take turns of a second each, and the ratio of each pair is
shown, because these machines are noisy. The bare view is /healthz, behind the same middleware.
"""

import statistics

from stage import set_stage

set_stage()

from django.utils import timezone  # noqa: E402
from serving import CLIENTS, Question, as_body, serving, turn  # noqa: E402

from catalog.models import Category  # noqa: E402
from personalization.access.models import ApiKey  # noqa: E402
from personalization.config.demo.activities import make_activities  # noqa: E402
from personalization.events.tracking import track  # noqa: E402
from personalization.pipeline.consuming import consume_once  # noqa: E402
from personalization.streams.stream import Reader  # noqa: E402

PAIRS = 8
VISITORS = 200
PURPOSES = ["analytics", "personalization"]


def main() -> None:
    headers = {"Authorization": f"Api-Key {_prepare()}"}

    def decide(n: int) -> Question:
        question = {"placements": ["home_hero", "home_strip"], "user_id": f"visitor-{n % VISITORS}"}
        return "POST", "/api/v1/decisions", headers, as_body(question)

    def bare(n: int) -> Question:
        return "GET", "/healthz", {}, None

    with serving() as port:
        pairs = [(turn(port, decide), turn(port, bare)) for _ in range(PAIRS + 1)][1:]
    print(f"1 worker, {CLIENTS} clients, 17 activities, 2 placements a question, {PAIRS} pairs")
    print(f"{'decisions/s':>14}{'bare view/s':>14}{'ratio':>8}")
    for decided, plain in pairs:
        print(f"{decided:14,.0f}{plain:14,.0f}{decided / plain:8.2f}")
    print(f"median ratio {statistics.median(d / b for d, b in pairs):.2f}")


def _prepare() -> str:
    now = timezone.now()
    for position in range(12):
        Category.objects.create(key=f"c{position}", name=f"Category {position}", position=position)
    make_activities(now=now)
    events = [
        {
            "message_id": f"bench-{n}",
            "type": "item_view",
            "user_id": f"visitor-{n % VISITORS}",
            "properties": {"item_id": str(n), "category": f"c{n % 12}"},
        }
        for n in range(VISITORS * 20)
    ]
    for start in range(0, len(events), 1_000):
        track(events[start : start + 1_000], now=now, vouched=PURPOSES, patient=True)
    reader = Reader(range(4))
    while consume_once(reader):
        pass
    _, key = ApiKey.objects.create_key(name="benchmark", scopes=["decisions"])
    return str(key)


if __name__ == "__main__":
    main()
