"""Events wait in order, are read once, and come back when a consumer died."""

import pytest
from django.conf import LazySettings

from consent.keyspaces import patient_redis_connection, redis_connection
from personalization.streams import stream


def read_all(reader: stream.Reader) -> list[stream.Entry]:
    found: list[stream.Entry] = []
    while entries := reader.read(events=1_000, entries=10, wait_ms=1):
        found += entries
    return found


def reader() -> stream.Reader:
    return stream.Reader(range(4))


def test_a_visitors_events_come_out_in_the_order_they_went_in() -> None:
    consumer = reader()
    stream.append(("anna", [n]) for n in range(500))

    payloads = [p for entry in read_all(consumer) for p in entry.payloads]

    assert payloads == [[n] for n in range(500)]


def test_no_more_is_read_at_once_than_was_asked_for_and_the_rest_comes_next() -> None:
    consumer = reader()
    for n in range(5):
        stream.append(("anna", [n, part]) for part in range(200))

    sizes = []
    payloads = []
    while entries := consumer.read(events=400, entries=10, wait_ms=1):
        sizes.append(sum(len(entry.payloads) for entry in entries))
        payloads += [payload for entry in entries for payload in entry.payloads]

    assert sizes == [400, 400, 200]
    assert payloads == [[n, part] for n in range(5) for part in range(200)]


def test_what_was_fetched_and_not_yet_read_comes_back_with_the_rest() -> None:
    first = reader()
    for n in range(3):
        stream.append([("anna", [n])])
    first.acknowledge(first.read(events=1, entries=10, wait_ms=1))

    payloads = [p for entry in read_all(reader()) for p in entry.payloads]

    assert payloads == [[1], [2]]


def test_what_was_read_but_not_acknowledged_comes_back_first() -> None:
    first = reader()
    stream.append([("anna", ["before"])])
    read_all(first)
    stream.append([("anna", ["after"])])

    second = reader()
    payloads = [p for entry in read_all(second) for p in entry.payloads]

    assert payloads == [["before"], ["after"]]


def test_what_is_acknowledged_is_gone() -> None:
    consumer = reader()
    stream.append([("anna", ["once"])])

    consumer.acknowledge(read_all(consumer))

    assert stream.backlog() == 0
    assert read_all(reader()) == []


def test_a_buried_entry_is_kept_with_its_reason() -> None:
    entry = stream.Entry(0, b"1-1", [["poison"]])

    stream.bury(entry, error=ValueError("bad"))

    ((_, fields),) = patient_redis_connection().xrange(stream.DEAD.key("events"))
    assert b"bad" in fields[b"error"]
    assert [payloads for _, _, payloads in stream.waiting()] == [[["poison"]]]


def test_an_unreachable_stream_says_so_and_accepts_nothing(settings: LazySettings) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    redis_connection.cache_clear()

    with pytest.raises(stream.StreamUnavailable):
        stream.append([("anna", ["lost?"])])
