"""How long a retrain takes beside plain LightFM.fit on the same matrices, and how good it is.

Loads the demo's sales into the benchmarks' own database, so that everything is timed that a retrain
does. `--identified` leaves guests out, as the figures in the literature do.
"""

import argparse
import csv
import gzip
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from stage import set_stage

# The models of this installation are not to be overwritten.
os.environ["ARTIFACT_DIR"] = tempfile.mkdtemp(prefix="benchmark-artifacts-")
set_stage()

from django.db import connection  # noqa: E402
from lightfm import LightFM  # noqa: E402
from psycopg.types.json import Jsonb  # noqa: E402

from catalog.demo.online_retail import (  # noqa: E402
    CatalogueItem,
    InvoiceLine,
    catalogue_of,
    read_lines,
)
from catalog.models import Category, Item  # noqa: E402
from personalization.events.partitions import ensure_partitions  # noqa: E402
from personalization.learning import registry  # noqa: E402
from personalization.profiles.models import Profile  # noqa: E402
from personalization.recommender.assembling import Candidate  # noqa: E402
from personalization.recommender.going_live import promote  # noqa: E402
from personalization.recommender.interactions import LEARNED  # noqa: E402
from personalization.recommender.judging import Verdict, compare, knows_strangers  # noqa: E402
from personalization.recommender.live import KIND  # noqa: E402
from personalization.recommender.representations import keep_representations  # noqa: E402
from personalization.recommender.retraining import as_served, train  # noqa: E402
from personalization.recommender.training import Fit, positives_and_weights  # noqa: E402
from personalization.recommender.training_data import (  # noqa: E402
    TrainingData,
    describe_training_data,
    read_training_data,
)

FILE = Path(__file__).parent.parent / "deploy/demo_data/online_retail/transactions.csv.gz"
SEED = 20260101
NOW = datetime.now(UTC)
EVENT_COLUMNS = (
    "id, occurred_at, received_at, profile_id, type, item_id, value, properties, context, purposes"
)
PLAIN = "plain LightFM.fit"

T = TypeVar("T")


class Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, stage: str, act: Callable[[], T]) -> T:
        """Do something, and note how long it took."""
        started = time.perf_counter()
        result = act()
        self.seconds[stage] = time.perf_counter() - started
        return result


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--identified", action="store_true")
    parser.add_argument("--epochs", type=int, default=Fit(seed=SEED).epochs)
    asked = parser.parse_args()
    load(identified=asked.identified)
    how, clock = Fit(seed=SEED, epochs=asked.epochs), Clock()
    data = clock.time("reading, features", read)
    clock.time(PLAIN, lambda: fit_plainly(data, how))
    factors = clock.time("fit", lambda: train(data, how=how, on_epoch=lambda _: None))
    candidate = clock.time("assembling", lambda: Candidate.of(factors, data, seed=SEED))
    verdict = clock.time("judging", lambda: judge(candidate, data))
    clock.time("saving, going live", lambda: save(candidate, verdict, data))
    # Before and after ours, for these machines are noisy.
    clock.seconds[PLAIN] = (clock.seconds[PLAIN] + again(data, how)) / 2
    report(clock.seconds, verdict, data)


def load(*, identified: bool) -> None:
    """Fill the catalogue, the profiles and the events from the file."""
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
        lines = list(read_lines(csv.reader(file)))
    items = catalogue_of(lines)
    sales = [line for line in lines if is_sale(line, items, identified=identified)]
    load_items(items)
    ids = load_profiles(sales)
    ensure_partitions({moment(line) for line in sales})
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY events_event ({EVENT_COLUMNS}) FROM STDIN") as copy,
    ):
        for row in event_rows(sales, ids):
            copy.write_row(row)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def is_sale(line: InvoiceLine, items: dict[str, CatalogueItem], *, identified: bool) -> bool:
    """Return whether the demo would load this line as a purchase."""
    if line.is_cancellation or line.quantity <= 0 or line.item_id not in items:
        return False
    return line.unit_price > 0 and (bool(line.customer) or not identified)


def load_items(items: dict[str, CatalogueItem]) -> None:
    """Store categories and items."""
    names = sorted({item.category for item in items.values()})
    categories = {
        name: Category.objects.create(key=f"category-{n}", name=name)
        for n, name in enumerate(names)
    }
    Item.objects.bulk_create(
        Item(
            item_id=item.item_id,
            name=item.name,
            price=item.price,
            category=categories[item.category],
            tags=list(item.tags),
        )
        for item in items.values()
    )


def load_profiles(sales: list[InvoiceLine]) -> dict[str, int]:
    """Store a profile with its country for each customer and guest, and return their ids."""
    countries = {who(line): line.country for line in sales}
    profiles = Profile.objects.bulk_create(
        Profile(facts={"traits": {"country": country}}) for country in countries.values()
    )
    return {name: profile.pk for name, profile in zip(countries, profiles, strict=True)}


def event_rows(sales: list[InvoiceLine], ids: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    """Yield the columns of each purchase."""
    for line in sales:
        at = moment(line)
        key = UUID(bytes=hashlib.sha256(str(line.number).encode()).digest()[:16])
        value = round(line.quantity * line.unit_price, 2)
        nothing, purposes = Jsonb({}), ["analytics", "training"]
        item_id = line.item_id
        yield (
            key, at, at, ids[who(line)], "purchase", item_id, value, nothing, nothing, purposes,
        )  # fmt: skip


def who(line: InvoiceLine) -> str:
    """Return the customer, or the guest, of whom each has one invoice."""
    return line.customer or f"guest-{line.invoice}"


def moment(line: InvoiceLine) -> datetime:
    """Return the line's time, as if the shop were in UTC."""
    return datetime.fromisoformat(line.invoiced_at).replace(tzinfo=UTC)


def read() -> TrainingData:
    """Read what a retrain reads."""
    interactions, cut, judged_after = read_training_data(live_until=None)
    return describe_training_data(interactions, cut=cut, judged_after=judged_after)


def fit_plainly(data: TrainingData, how: Fit) -> LightFM:
    """Fit the same matrices in one call."""
    model = LightFM(
        no_components=how.components,
        loss="warp",
        learning_rate=how.learning_rate,
        max_sampled=how.max_sampled,
        random_state=how.seed,
    )
    positives, weights = positives_and_weights(data.interactions.matrix(LEARNED))
    return model.fit(
        positives,
        user_features=data.user_features.matrix,
        item_features=data.item_features.matrix,
        sample_weight=weights,
        epochs=how.epochs,
        num_threads=how.threads,
    )


def again(data: TrainingData, how: Fit) -> float:
    """Return the seconds of another plain fit."""
    clock = Clock()
    clock.time(PLAIN, lambda: fit_plainly(data, how))
    return clock.seconds[PLAIN]


def judge(candidate: Candidate, data: TrainingData) -> Verdict:
    """Judge the candidate as a first retrain does."""
    if not knows_strangers(as_served(candidate), data):
        candidate = candidate.for_the_warm()
    return compare(candidate=as_served(candidate), live=None, data=data)


def save(candidate: Candidate, verdict: Verdict, data: TrainingData) -> None:
    """Keep the model and its vectors, and make it live."""
    version = registry.register(
        kind=KIND,
        arrays=candidate.arrays,
        meta=candidate.meta,
        metrics=verdict.metrics,
        trained_until=data.cut,
        now=NOW,
    )
    keep_representations(
        version=version, profile_ids=candidate.profile_ids, vectors=candidate.vectors
    )
    promote(version=version, reason=verdict.reason, now=NOW)


def report(seconds: dict[str, float], verdict: Verdict, data: TrainingData) -> None:
    """Print times as ratios to plain LightFM.fit, and the scores."""
    plain = seconds.pop(PLAIN)
    learned = data.interactions.matrix(LEARNED).nnz
    profiles, items = data.interactions.shape
    print(f"{learned:,} pairs learned, {profiles:,} profiles, {items:,} items")
    print(f"{'stage':22}{'seconds':>9}{'ratio':>8}")
    for stage, took in {PLAIN: plain, **seconds, "whole retrain": sum(seconds.values())}.items():
        print(f"{stage:22}{took:9.2f}{took / plain:8.2f}")
    print(
        f"\n{'':16}{'slice':>6}{'profiles':>10}{'NDCG@10':>9}{'P@10':>8}{'R@10':>8}{'coverage':>10}"
    )
    for name, slices in verdict.metrics.items():
        for part, scores in slices.items():
            print(f"{name:16}{part:>6}{scores['users']:10,}{figures(scores)}")
    print(verdict.reason)


def figures(scores: dict[str, Any]) -> str:
    """Return the four scores of one slice."""
    if not scores["users"]:
        return ""
    names = (("ndcg", 9), ("precision", 8), ("recall", 8), ("coverage", 10))
    return "".join(f"{scores[name]:{width}.4f}" for name, width in names)


if __name__ == "__main__":
    main()
