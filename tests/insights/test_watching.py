"""A source that falls silent raises one alert, which ends when it is heard again."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core import mail

from personalization.insights.models import Alert, HourlyVolume
from personalization.insights.watching import watch_sources
from tests.factories import NOON
from tests.insights.conftest import Store

LATER = NOON + timedelta(hours=3)


def test_silence_raises_one_alert_and_a_mail(store: Store, settings: LazySettings) -> None:
    settings.ADMINS = [("Anna", "anna@shop.example")]
    store(24 * 28 * 10, days=28)

    (alert,) = watch_sources(now=LATER)
    again = watch_sources(now=LATER)

    assert again == []
    assert (alert.source, alert.ended_at) == ("page", None)
    assert "“page” is silent since 15 June, 11:5" in alert.message
    assert "about 20 events" in alert.message or "about 30 events" in alert.message
    (letter,) = mail.outbox
    assert letter.to == ["anna@shop.example"]
    assert alert.message in letter.body


def test_without_admins_the_alert_stands_in_the_admin_only(store: Store) -> None:
    store(24 * 28 * 10, days=28)

    assert watch_sources(now=LATER)

    assert mail.outbox == []


def test_the_alert_ends_when_the_source_is_heard_again(store: Store) -> None:
    store(24 * 28 * 10, days=28)
    watch_sources(now=LATER)
    store(1, days=0, until=LATER + timedelta(minutes=1))

    watch_sources(now=LATER + timedelta(minutes=2))

    assert Alert.objects.get().ended_at == LATER + timedelta(minutes=2)


def test_one_source_is_not_heard_through_another(store: Store) -> None:
    store(24 * 28 * 10, days=28)
    store(24 * 28, days=28, until=LATER, source="segment")

    assert [alert.source for alert in watch_sources(now=LATER)] == ["page"]


def test_counting_again_counts_nothing_twice(store: Store) -> None:
    store(48, days=2, flags=["outlier:price"])

    for minutes in (0, 15, 30):
        watch_sources(now=NOON + timedelta(minutes=minutes))

    assert sum(HourlyVolume.objects.values_list("events", flat=True)) == 48
    assert sum(HourlyVolume.objects.values_list("flagged", flat=True)) == 48


def test_an_hour_that_was_not_over_is_counted_again(store: Store) -> None:
    store(1, days=0, until=NOON + timedelta(minutes=10))
    watch_sources(now=NOON + timedelta(minutes=15))
    store(1, days=0, until=NOON + timedelta(minutes=40))

    watch_sources(now=NOON + timedelta(minutes=45))

    assert HourlyVolume.objects.get().events == 2


@pytest.mark.parametrize(
    ("late", "counted"),
    [
        (timedelta(seconds=50), (0, 0, 0)),
        (timedelta(minutes=2), (1, 0, 0)),
        (timedelta(hours=2), (1, 1, 0)),
        (timedelta(days=2), (1, 1, 1)),
    ],
)
def test_late_arrivals_are_counted_by_how_late(
    store: Store, late: timedelta, counted: tuple[int, int, int]
) -> None:
    store(1, days=0, until=NOON - late, received_at=NOON)

    watch_sources(now=NOON)

    hour = HourlyVolume.objects.get()
    assert (hour.late_minute, hour.late_hour, hour.late_day) == counted
