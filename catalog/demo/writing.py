"""The demo's feeds on disk: two passes over the invoice lines, one for items, one for events."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson

from catalog.demo.customers import History, add_to_history, choose_personas
from catalog.demo.online_retail import (
    CatalogueItem,
    InvoiceLine,
    NotAnEventError,
    catalogue_of,
    event_of,
    read_lines,
    shift_to_yesterday,
)
from catalog.demo.shelves import MENU

REPORT_EVERY: Final = 50_000


@dataclass(slots=True)
class WrittenFeeds:
    """What was written, and what was left out and why."""

    items: int = 0
    events: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def write_feeds(
    *, source: Path, out: Path, now: datetime, progress: Callable[[str], None]
) -> WrittenFeeds:
    """Write catalog.jsonl, events.jsonl.gz, refused.csv, customers.json and shift.json to `out`.

    The shift of the calendar is chosen once and kept in shift.json, so that feeds written again
    on another day hold the same events under the same message ids.
    """
    out.mkdir(parents=True, exist_ok=True)
    items, last_invoice = _read_catalogue(source)
    shift = _kept_shift(out / "shift.json", last_invoice=last_invoice, now=now)
    _write_catalogue(items, out / "catalog.jsonl")
    written = WrittenFeeds(items=len(items))
    progress(f"{len(items):,} items written")
    histories: dict[str, History] = {}
    today = last_invoice + shift + timedelta(days=1)
    with _event_files(out) as (events, refusals):
        for line, event in _events(source, items, shift, refusals, written):
            events.write(orjson.dumps(event) + b"\n")
            add_to_history(histories, event, today=today)
            if line.number % REPORT_EVERY == 0:
                progress(f"{line.number:,} invoice lines read")
    personas = choose_personas(histories, today=today)
    _write_json(out / "customers.json", [persona.as_json() for persona in personas])
    return written


def _read_catalogue(source: Path) -> tuple[dict[str, CatalogueItem], date]:
    last = ""

    def noting_the_last_day(lines: Iterator[InvoiceLine]) -> Iterator[InvoiceLine]:
        nonlocal last
        for line in lines:
            last = max(last, line.invoiced_at)
            yield line

    with _open_lines(source) as lines:
        items = catalogue_of(noting_the_last_day(lines))
    return items, date.fromisoformat(last[:10])


def _kept_shift(path: Path, *, last_invoice: date, now: datetime) -> timedelta:
    if not path.exists():
        shift = shift_to_yesterday(last_invoice=last_invoice, now=now)
        _write_json(path, {"days": shift.days})
    return timedelta(days=json.loads(path.read_text())["days"])


def _write_catalogue(items: dict[str, CatalogueItem], path: Path) -> None:
    # In the menu's order: the import numbers new categories as it meets them.
    ordered = sorted(items.values(), key=lambda item: (MENU.index(item.category), item.item_id))
    with path.open("wb") as file:
        for item in ordered:
            file.write(orjson.dumps(item.as_json()) + b"\n")


def _events(
    source: Path,
    items: dict[str, CatalogueItem],
    shift: timedelta,
    refusals: Callable[[tuple[int, str]], Any],
    written: WrittenFeeds,
) -> Iterator[tuple[InvoiceLine, dict[str, Any]]]:
    with _open_lines(source) as lines:
        for line in lines:
            try:
                event = event_of(line, items=items, shift=shift)
            except NotAnEventError as reason:
                refusals((line.number, str(reason)))
                written.refused[str(reason)] += 1
                continue
            written.events += 1
            yield line, event


@contextmanager
def _open_lines(source: Path) -> Iterator[Iterator[InvoiceLine]]:
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        yield read_lines(csv.reader(file))


@contextmanager
def _event_files(out: Path) -> Iterator[tuple[gzip.GzipFile, Callable[[tuple[int, str]], Any]]]:
    # Written beside and renamed: a run that is stopped leaves no half a feed to be imported.
    unfinished = out / "events.jsonl.gz.part"
    with (
        gzip.open(unfinished, "wb", compresslevel=1) as events,
        (out / "refused.csv").open("w", encoding="utf-8", newline="") as refused,
    ):
        writer = csv.writer(refused)
        writer.writerow(("line", "reason"))
        yield events, writer.writerow
    unfinished.rename(out / "events.jsonl.gz")


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
