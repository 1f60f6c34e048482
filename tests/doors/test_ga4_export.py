"""Rows of GA4's BigQuery export become events, the same from JSON lines and from Parquet."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.core.management import CommandError, call_command

from catalog.feed_lines import FeedLine
from catalog.feeds import read_feed
from personalization.doors.ga4_export import read_row
from personalization.doors.importing import import_rows
from personalization.events.importing import Imported
from personalization.events.models import Event
from personalization.profiles.models import Profile
from tests.factories import NOON

pytestmark = pytest.mark.django_db
EXPORT = Path(__file__).parent / "data" / "ga4_export.jsonl"
BOTH = frozenset({"analytics", "personalization"})
ROWS = [json.loads(line) for line in EXPORT.read_text().splitlines()]


def imported(path: Path, vouched: frozenset[str] = BOTH) -> Imported:
    return import_rows(
        read_feed(path), read=read_row, source="ga4", vouched=vouched, clock=lambda: NOON
    )


def events_of(row: dict[str, Any]) -> Any:
    return read_row(row, now=NOON).events


def as_parquet(folder: Path) -> Path:
    path = folder / "events_20260614.parquet"
    readable = folder / "readable.jsonl"
    kept = [row for row in ROWS if isinstance(row["event_params"], list)]
    readable.write_text("\n".join(json.dumps(_as_numbers(row)) for row in kept))
    duckdb.execute(
        "COPY (SELECT * FROM read_json(?, format='newline_delimited', union_by_name=true,"
        " map_inference_threshold=-1)) TO ? (FORMAT parquet)",
        [str(readable), str(path)],
    )
    return path


def _as_numbers(value: Any) -> Any:
    """Return the row as BigQuery writes it into Parquet: whole numbers are numbers."""
    if isinstance(value, dict):
        return {
            name: int(part) if name in WHOLE and part is not None else _as_numbers(part)
            for name, part in value.items()
        }
    return [_as_numbers(part) for part in value] if isinstance(value, list) else value


WHOLE = {"event_timestamp", "event_bundle_sequence_id", "int_value", "quantity"} | {
    f"batch_{name}" for name in ("page_id", "ordering_id", "event_index")
}


@pytest.mark.parametrize("stated", ["x2", "12:30", "99999999999999999999", [1], "", {}])
def test_a_time_that_cannot_be_read_refuses_the_row_by_its_field(stated: Any) -> None:
    read = read_row({**ROWS[0], "event_timestamp": stated}, now=NOON)

    assert read.events == ()
    assert read.refusal is not None
    assert read.refusal[0] == "event_timestamp"


def test_a_row_with_too_many_items_is_refused_by_them() -> None:
    items = [{"item_id": str(line)} for line in range(201)]

    read = read_row({**ROWS[0], "event_name": "purchase", "items": items}, now=NOON)

    assert read.refusal is not None
    assert read.refusal[0] == "items"


def test_the_export_becomes_events(consume: Callable[[], None]) -> None:
    done = imported(EXPORT)
    consume()

    assert (done.lines, done.accepted) == (12, 7)
    kinds = list(Event.objects.order_by("occurred_at", "item_id").values_list("type", flat=True))
    assert kinds == [
        "session_start",
        "page_view",
        "item_view",
        "add_to_cart",
        "purchase",
        "purchase",
        "search",
        "scroll",
    ]


def test_each_refused_row_is_counted_under_its_reason() -> None:
    done = imported(EXPORT)

    assert sorted((one.line, one.field) for one in done.refused) == [
        (7, "consent"),
        (8, "event_name"),
        (9, "anonymous_id"),
        (11, "event_timestamp"),
        (12, "event_params"),
    ]
    assert done.reasons.total() == 5


def test_a_purchase_is_an_event_for_each_item_and_one_order(consume: Callable[[], None]) -> None:
    imported(EXPORT)
    consume()

    lines = Event.objects.filter(type="purchase").order_by("item_id")
    assert [(one.item_id, float(one.value or 0)) for one in lines] == [("1001", 7.0), ("1002", 12)]
    assert {one.properties["order_id"] for one in lines} == {"T-77"}
    assert lines[0].properties["quantity"] == 2
    facts = Profile.objects.get().facts
    assert sum(facts["counts"]["purchase"].values()) == 1
    assert facts["traits"] == {"plan": "pro"}


def test_where_and_how_is_kept_as_context() -> None:
    (event,) = events_of(ROWS[0])

    assert event["context"] == {
        "device": "mobile",
        "os": "Android",
        "browser": "Chrome",
        "locale": "en-gb",
        "country": "United Kingdom",
        "region": "England",
        "campaign": "june",
        "source": "news",
        "medium": "email",
        "url": "https://shop.example/?utm_source=news",
        "event": "session_start",
        "measurement_id": "1234567890",
    }
    assert event["occurred_at"] == "2026-06-14T09:00:00+00:00"


def test_importing_twice_and_from_parquet_doubles_nothing(
    tmp_path: Path, consume: Callable[[], None]
) -> None:
    for path in (EXPORT, EXPORT, as_parquet(tmp_path)):
        imported(path)
        consume()

    assert Event.objects.count() == 8


def test_rows_that_differ_in_anything_are_two_events() -> None:
    row = ROWS[3]
    other = {**row, "batch_event_index": "2"}
    params = [*row["event_params"], {"key": "list", "value": {"string_value": "x"}}]

    ids = {events_of(one)[0]["message_id"] for one in (row, other, {**row, "event_params": params})}

    assert len(ids) == 3


def test_without_a_known_choice_nothing_is_taken_unless_the_source_vouches() -> None:
    done = imported(EXPORT, frozenset())

    assert done.accepted == 0
    assert done.refused[0].field == "consent"


@pytest.mark.parametrize(
    "row", [{}, {"event_name": 7}, {"event_name": "a", "event_timestamp": "soon", "items": 3}]
)
def test_a_row_that_is_none_does_not_stop_the_rest(row: dict[str, Any]) -> None:
    lines = [FeedLine(1, row), FeedLine(2, ROWS[1])]

    done = import_rows(lines, read=read_row, source="ga4", vouched=BOTH, clock=lambda: NOON)

    assert (done.accepted, done.reasons.total()) == (1, 1)


def test_the_command_reports_by_reason(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_ga4_export", str(EXPORT), vouch="analytics")

    told = capsys.readouterr().out
    assert "7 rows accepted, 5 refused." in told
    assert "1 x consent: The visitor refused analytics storage at Google." in told
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_ga4_export", "/nowhere.jsonl")
