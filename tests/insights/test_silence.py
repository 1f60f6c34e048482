"""When silence is no accident."""

from datetime import datetime, timedelta

import pytest

from personalization.insights.silence import expected_in_silence, is_silent
from tests.factories import NOON

HOUR = timedelta(hours=1)
Counts = dict[datetime, int]


def history(*, days: int, per_hour: int, until: datetime = NOON) -> Counts:
    return {until - n * HOUR: per_hour for n in range(days * 24)}


def test_nothing_is_amiss_while_a_source_is_heard() -> None:
    counts = history(days=28, per_hour=100)

    assert not is_silent(counts, latest=NOON, now=NOON + timedelta(minutes=59))


def test_whole_hours_without_what_they_usually_bring_are_silence() -> None:
    counts = history(days=28, per_hour=10)

    assert expected_in_silence(counts, latest=NOON, now=NOON + 3 * HOUR) == 20
    assert is_silent(counts, latest=NOON, now=NOON + 3 * HOUR)


def test_a_source_that_sends_little_is_given_time() -> None:
    counts = history(days=28, per_hour=1)

    assert not is_silent(counts, latest=NOON, now=NOON + 7 * HOUR)
    assert is_silent(counts, latest=NOON, now=NOON + 8 * HOUR)


def test_a_quiet_weekend_is_usual() -> None:
    friday = datetime(2026, 6, 12, 23, 0, tzinfo=NOON.tzinfo)
    hours = [friday - n * HOUR for n in range(28 * 24)]
    counts = {hour: 100 for hour in hours if hour.weekday() < 5}

    assert not is_silent(counts, latest=friday, now=friday + timedelta(hours=49))
    assert is_silent(counts, latest=friday, now=friday + timedelta(hours=51))


def test_an_import_raises_no_expectation() -> None:
    import_hour = NOON + 5 * HOUR - timedelta(days=7)
    counts = {NOON - timedelta(days=28): 1, import_hour: 400_000, NOON: 1}

    assert not is_silent(counts, latest=NOON, now=NOON + timedelta(days=3))


def test_a_young_source_is_judged_by_the_hours_of_its_days() -> None:
    counts = history(days=5, per_hour=10)

    assert is_silent(counts, latest=NOON, now=NOON + 3 * HOUR)


@pytest.mark.parametrize("days", [1, 2])
def test_of_a_new_source_nothing_is_expected(days: int) -> None:
    counts = history(days=days, per_hour=1_000)

    assert not is_silent(counts, latest=NOON, now=NOON + 5 * HOUR)


def test_of_a_source_never_heard_nothing_is_expected() -> None:
    assert expected_in_silence({}, latest=NOON, now=NOON) == 0
