"""Files of events: streamed, refused line by line, and safe to import twice."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from personalization.events.importing import import_events, read_events
from personalization.events.models import Event
from personalization.pipeline.consuming import consume_once
from personalization.streams import stream
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db


def written(folder: Path, *lines: Any, name: str = "events.jsonl") -> str:
    text = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return str(path)


def imported(path: str, *vouched: str) -> Any:
    return import_events(read_events(path), vouched=frozenset(vouched), clock=lambda: NOON)


@pytest.mark.parametrize("name", ["events.jsonl", "events.jsonl.gz"])
def test_a_broken_line_is_named_and_the_rest_goes_on(tmp_path: Path, name: str) -> None:
    agree(user_id="anna")
    path = written(
        tmp_path, make_event(), "{broken", make_event(type=7), "", "[]", make_event(), name=name
    )

    done = imported(path)

    assert done.accepted == 2
    assert [(one.line, one.field) for one in done.refused] == [(2, ""), (5, ""), (3, "type")]
    assert done.reasons.total() == 3


def test_importing_twice_stores_each_event_once(tmp_path: Path) -> None:
    agree(user_id="anna")
    path = written(tmp_path, make_event(), make_event())

    for _ in range(2):
        assert imported(path).accepted == 2
        reader = stream.Reader(range(4))
        while consume_once(reader):
            pass

    assert Event.objects.count() == 2


def test_without_a_known_choice_a_line_is_refused_unless_the_source_vouches(tmp_path: Path) -> None:
    path = written(tmp_path, make_event(user_id="stranger"))

    assert imported(path).refused[0].field == "consent"
    assert imported(path, "analytics").accepted == 1


def test_the_command_reports_what_was_refused_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agree(user_id="anna")

    call_command("import_events", written(tmp_path, make_event(), make_event(colour="red")))

    told = capsys.readouterr().out
    assert "1 events accepted, 1 refused" in told
    assert "line 2, colour: There is no such field." in told


def test_a_file_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_events", str(tmp_path / "missing.jsonl"))


def test_nobody_vouches_for_a_purpose_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no purpose bogus"):
        call_command("import_events", written(tmp_path, make_event()), vouch="analytics,bogus")


def test_a_packed_file_that_is_cut_short_says_so_and_keeps_what_came_before(tmp_path: Path) -> None:
    agree(user_id="anna")
    path = Path(written(tmp_path, *(make_event() for _ in range(500)), name="events.jsonl.gz"))
    path.write_bytes(path.read_bytes()[:-2_000])

    done = imported(str(path))

    assert done.accepted > 100
    assert "cut short or damaged" in done.refused[-1].message


def test_a_file_of_which_every_line_was_refused_fails(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"type": "item_view"}\n[]\n')

    with pytest.raises(CommandError, match="Every line was refused"):
        call_command("import_events", str(file))
