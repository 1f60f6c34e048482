"""A feed becomes the catalogue: checked line by line, written in batches."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

from django.db import transaction
from django.db.models import Max

from catalog.feed_lines import FeedLine
from catalog.feed_prices import RowError
from catalog.feed_rows import FIELDS, FeedItem, category_key, feed_item
from catalog.merchant import is_merchant_row, our_words
from catalog.models import Category, Item

BATCH: Final = 1_000
REFUSALS_KEPT: Final = 20
WRITTEN_FIELDS: Final = (
    *("name", "price", "currency", "category_id", "tags", "is_available"),
    *("sale_price", "sale_starts_at", "sale_ends_at"),
    *("description", "url", "image_url", "brand", "gtin"),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused line: where, what and why."""

    line: int
    field: str
    message: str


@dataclass(slots=True)
class ImportReport:
    """What an import did; of the refusals the first are kept, and all are counted by reason."""

    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    unknown_fields: set[str] = field(default_factory=set)
    refusals_kept: int = REFUSALS_KEPT

    @property
    def accepted(self) -> int:
        """How many lines became or already were items."""
        return self.read - self.refused.total()

    def refuse(self, *, line: int, field_name: str, message: str) -> None:
        """Count a refusal, and keep it if it is among the first."""
        self.refused[f"{field_name} {message}"] += 1
        if len(self.refusals) < self.refusals_kept:
            self.refusals.append(Refusal(line, field_name, message))


def import_catalog(
    *,
    lines: Iterable[FeedLine],
    now: datetime,
    dry_run: bool = False,
    progress: Callable[[ImportReport], None] = lambda _: None,
    refusals_kept: int = REFUSALS_KEPT,
) -> ImportReport:
    """Create or update the items of a feed; a broken line is reported and never stops the rest.

    Items that the feed does not name stay as they are. An item named twice ends as the later
    line says. Each batch of BATCH items is one transaction; `progress` is called after each.
    """
    report = ImportReport(refusals_kept=refusals_kept)
    accepted = _accepted(lines, report)
    while batch := list(islice(accepted, BATCH)):
        latest = {item.item_id: item for item in batch}
        # A repeated item is one write; its earlier lines count as no change.
        report.unchanged += len(batch) - len(latest)
        with transaction.atomic():
            _write(latest, report=report, now=now, dry_run=dry_run)
        progress(report)
    return report


def _accepted(lines: Iterable[FeedLine], report: ImportReport) -> Iterator[FeedItem]:
    for line in lines:
        report.read += 1
        if line.problem:
            report.refuse(line=line.number, field_name="line", message=line.problem)
            continue
        stated = our_words(line.stated) if is_merchant_row(line.stated) else line.stated
        report.unknown_fields.update(name for name in stated if name not in FIELDS)
        try:
            yield feed_item(stated)
        except RowError as refused:
            report.refuse(line=line.number, field_name=refused.field, message=refused.message)


def _write(
    stated: dict[str, FeedItem], *, report: ImportReport, now: datetime, dry_run: bool
) -> None:
    categories = _categories([item.category for item in stated.values()], dry_run=dry_run)
    known = Item.objects.in_bulk(list(stated), field_name="item_id")
    wanted = {code: _row(item, categories[item.category], now) for code, item in stated.items()}
    changed = [row for code, row in wanted.items() if _differs(row, known.get(code))]
    created = sum(row.item_id not in known for row in changed)
    report.created += created
    report.changed += len(changed) - created
    report.unchanged += len(wanted) - len(changed)
    if not dry_run:
        Item.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["item_id"],
            update_fields=[*WRITTEN_FIELDS, "updated_at"],
        )


def _row(item: FeedItem, category: Category, now: datetime) -> Item:
    return Item(
        item_id=item.item_id,
        name=item.name,
        price=item.price,
        currency=item.currency,
        category_id=category.pk,
        tags=list(item.tags),
        is_available=item.is_available,
        sale_price=item.sale.price,
        sale_starts_at=item.sale.starts_at,
        sale_ends_at=item.sale.ends_at,
        updated_at=now,
        **asdict(item.showing),
    )


def _differs(row: Item, known: Item | None) -> bool:
    return known is None or any(
        getattr(row, name) != getattr(known, name) for name in WRITTEN_FIELDS
    )


def _categories(stated: Iterable[str], *, dry_run: bool) -> dict[str, Category]:
    """Return a category for each stated name or key, made where there is none."""
    known = list(Category.objects.all())
    by_text = {category.name.lower(): category for category in known}
    by_text |= {category.key: category for category in known}
    position = (Category.objects.aggregate(last=Max("position"))["last"] or 0) + 1
    found: dict[str, Category] = {}
    # In the feed's order: the first category of a first feed opens the shop's menu.
    for text in dict.fromkeys(stated):
        category = by_text.get(text.lower()) or by_text.get(category_key(text))
        if category is None:
            category = Category(key=category_key(text), name=text, position=position)
            position += 1
            by_text[category.key] = category
            if not dry_run:
                category.save()
        found[text] = category
    return found
