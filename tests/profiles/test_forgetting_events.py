"""Events go by whole months when they are old; what facts count of them stays, and says so."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import psycopg
import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection, transaction

from personalization.events import partitions
from personalization.events.models import Event, SeenMessage
from personalization.events.partitions import ensure_partitions, months_before, oldest_month_kept
from personalization.events.tracking import track
from personalization.profiles.forgetting_events import forget_old_events
from personalization.profiles.models import Profile
from personalization.profiles.rebuilding import rebuild_everything
from tests.factories import agree, make_event

pytestmark = pytest.mark.django_db
# The consumer reads the clock to see which partitions may be gone, so these tests go by it.
NOW = datetime.now(UTC)


def at(months: int) -> datetime:
    """Return the middle of the month so many months ago."""
    count = NOW.year * 12 + NOW.month - 1 - months
    return datetime(count // 12, count % 12 + 1, 15, tzinfo=UTC)


def send(user_id: str, *months_ago: int, now: datetime = NOW) -> None:
    stated = [
        make_event(
            user_id=user_id,
            message_id=f"{user_id}-{ago}",
            occurred_at=(at(ago) if ago else now - timedelta(hours=1)).isoformat(),
        )
        for ago in months_ago
    ]
    assert track(stated, now=now).accepted == len(stated)


@pytest.fixture
def a_year(settings: LazySettings, consume: Callable[[], None]) -> None:
    """Keep events for twelve months; Anna came long ago and today, Bert today."""
    settings.EVENTS_KEPT_MONTHS = 12
    agree(user_id="anna")
    agree(user_id="bert")
    send("anna", 14, 13, 12, 0)
    send("bert", 0)
    consume()


def test_months_that_are_over_for_long_enough_are_dropped_whole(a_year: None) -> None:
    forgotten = forget_old_events(now=NOW)

    assert forgotten.months >= 2
    assert months_before(at(12).date().replace(day=1)) == []
    assert sorted(Event.objects.values_list("occurred_at__month", flat=True)) == sorted(
        [at(12).month, *2 * [(NOW - timedelta(hours=1)).month]]
    )


def test_without_the_setting_nothing_goes(a_year: None, settings: LazySettings) -> None:
    settings.EVENTS_KEPT_MONTHS = 0

    assert forget_old_events(now=NOW).months == 0
    assert Event.objects.count() == 5


@pytest.mark.parametrize(
    ("now", "kept", "oldest"),
    [
        (datetime(2026, 11, 21, tzinfo=UTC), 12, date(2025, 11, 1)),
        (datetime(2026, 1, 1, tzinfo=UTC), 1, date(2025, 12, 1)),
        (datetime(2026, 12, 31, tzinfo=UTC), 24, date(2024, 12, 1)),
    ],
)
def test_events_stay_for_so_many_months_at_least(
    settings: LazySettings, now: datetime, kept: int, oldest: date
) -> None:
    settings.EVENTS_KEPT_MONTHS = kept

    assert oldest_month_kept(now=now) == oldest


def test_facts_keep_what_was_counted_and_no_rebuild_takes_it_away(a_year: None) -> None:
    before = {profile.pk: profile.facts for profile in Profile.objects.all()}
    forgotten = forget_old_events(now=NOW)
    told = StringIO()

    rebuilt = rebuild_everything()
    call_command("rebuild_facts", "--check", stdout=told)

    assert forgotten.profiles == 1
    assert (rebuilt.compared, rebuilt.left, rebuilt.differing) == (1, 1, ())
    assert {profile.pk: profile.facts for profile in Profile.objects.all()} == before
    assert "1 left alone: they hold acts that were never kept, or are no longer." in told.getvalue()


def test_a_message_of_a_dropped_month_that_is_sent_again_is_counted_nowhere(
    a_year: None, consume: Callable[[], None]
) -> None:
    before = {profile.pk: profile.facts for profile in Profile.objects.all()}
    forget_old_events(now=NOW)
    events = Event.objects.count()

    send("anna", 14, 13)
    consume()

    assert Event.objects.count() == events
    assert SeenMessage.objects.count() == 5
    assert {profile.pk: profile.facts for profile in Profile.objects.all()} == before


def test_something_new_of_a_dropped_month_is_stored_until_the_next_night(
    a_year: None, consume: Callable[[], None]
) -> None:
    forget_old_events(now=NOW)

    send("bert", 14)
    consume()

    assert Event.objects.filter(occurred_at=at(14)).count() == 1
    assert forget_old_events(now=NOW).profiles == 1
    assert not Event.objects.filter(occurred_at=at(14)).exists()


@pytest.mark.django_db(transaction=True)
def test_a_month_that_somebody_is_reading_is_left_to_the_next_night(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EVENTS_KEPT_MONTHS = 12
    monkeypatch.setattr(partitions, "PATIENCE_MS", 50)
    with transaction.atomic():
        ensure_partitions([at(20)])

    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute(f"SELECT count(*) FROM events_event_{at(20):%Y_%m}")
        first = forget_old_events(now=NOW)

    assert first.months == 0
    assert forget_old_events(now=NOW).months == 1
    partitions._known.add(at(20).date().replace(day=1))  # as in a process that has not heard of it
    with transaction.atomic():
        ensure_partitions([at(20)])
    assert forget_old_events(now=NOW).months == 1
