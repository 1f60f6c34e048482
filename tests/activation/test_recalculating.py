"""What time alone changes, and a new rule; and a recalculation that fails or dies."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail

from personalization.activation import recalculating
from personalization.activation.models import Membership, Transition, WatchedSegment
from personalization.activation.recalculating import recalculate
from personalization.activation.tasks import recalculate_segment, recalculate_segments
from personalization.activation.watching import due_segments, keep_watch
from personalization.config.celery import app
from personalization.profiles.models import Profile
from personalization.segments.publishing import publish_segment, unpublish_segment
from tests.factories import NOON

from .world import DAY, act, bought, inside, make_segment, moves, visitor, watch

pytestmark = pytest.mark.django_db
ON_PHONE = {"all": [{"fact": "context", "name": "device", "operator": "equals", "value": "mobile"}]}


@pytest.fixture(autouse=True)
def told(settings: LazySettings) -> None:
    settings.ADMINS = [("", "ops@example.com")]


def test_who_was_in_when_watching_began_has_not_entered() -> None:
    segment = make_segment()
    anna = visitor()
    act(anna)

    watched = watch(segment)

    assert inside(segment) == {anna.pk}
    assert moves() == []
    assert (watched.state, watched.members, watched.error) == ("done", 1, "")
    assert watched.took == timedelta(0)


def test_a_window_that_closes_lets_a_visitor_leave_without_any_event() -> None:
    segment = make_segment()
    watch(segment)
    act(visitor())

    watch(segment, now=NOON + 29 * DAY)
    assert len(moves()) == 1
    watch(segment, now=NOON + 30 * DAY)
    watch(segment, now=NOON + 31 * DAY)

    assert moves() == [("entered", "buyers", "act"), ("left", "buyers", "time")]
    assert Transition.objects.last().at == NOON + 30 * DAY  # type: ignore[union-attr]


def test_not_seen_for_thirty_days_lets_a_visitor_enter() -> None:
    rule = {
        "all": [{"fact": "days_since", "event": "item_view", "operator": "at_least", "value": 30}]
    }
    segment = make_segment("Lapsing", rule)
    watch(segment)
    act(visitor(), "item_view")

    watch(segment, now=NOON + 30 * DAY)

    assert moves() == [("entered", "lapsing", "time")]


def test_a_changed_rule_moves_people_when_it_is_published() -> None:
    segment = make_segment()
    watch(segment)
    act(visitor())
    segment.rule = bought(least=2)
    segment.save()
    publish_segment(segment=segment, by="ann", now=NOON)

    assert due_segments(now=NOON) == [WatchedSegment.objects.get().pk]
    watch(segment)

    assert moves()[-1] == ("left", "buyers", "published")
    assert due_segments(now=NOON) == []


def test_a_segment_taken_offline_is_left_by_all() -> None:
    segment = make_segment()
    watch(segment)
    act(visitor())
    unpublish_segment(segment=segment, by="ann", now=NOON)
    watch(segment)

    assert inside(segment) == set()
    assert moves()[-1] == ("left", "buyers", "published")


def test_a_profile_that_became_part_of_another_leaves() -> None:
    segment = make_segment()
    watch(segment)
    anna = visitor()
    act(anna)
    Profile.objects.filter(pk=anna.pk).delete()

    watch(segment)

    assert moves()[-1] == ("left", "buyers", "gone")


def test_what_changed_while_it_looked_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    segment = make_segment()
    watch(segment)
    anna = visitor()
    act(anna)
    late = NOON + 40 * DAY
    judge_again = recalculating._move

    def bought_meanwhile(*args: Any) -> None:
        act(anna, now=late)
        judge_again(*args)

    monkeypatch.setattr(recalculating, "_move", bought_meanwhile)
    watch(segment, now=late)

    assert moves() == [("entered", "buyers", "act")]


def test_a_failure_is_shown_alerted_once_and_tried_again_later_each_time() -> None:
    segment = make_segment("On the phone", ON_PHONE)
    watched = WatchedSegment.objects.create(segment=segment)

    assert not recalculate(watched.pk, now=NOON, clock=lambda: NOON)
    watched.refresh_from_db()

    assert watched.state == "failed"
    assert "depends on the visit" in watched.error
    assert watched.next_run_at == NOON + timedelta(minutes=1)
    assert [one.subject for one in mail.outbox] == [
        "[Django] The segment “On the phone” was not recalculated"
    ]
    assert due_segments(now=NOON) == []
    later = NOON + timedelta(minutes=1)
    assert due_segments(now=later) == [watched.pk]
    recalculate(watched.pk, now=later, clock=lambda: later)
    watched.refresh_from_db()
    assert watched.next_run_at == later + timedelta(minutes=2)
    assert (watched.failures, len(mail.outbox)) == (2, 1)


def test_a_fault_nobody_thought_of_is_a_failure_too(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = watch(make_segment())

    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError("anna@example.com")

    monkeypatch.setattr(recalculating, "matching_profiles", broken)
    assert not recalculate(watched.pk, now=NOON, clock=lambda: NOON)

    watched.refresh_from_db()
    assert watched.error == "It failed with ZeroDivisionError; the log has more."


def test_a_worker_that_was_killed_is_noticed_and_another_takes_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    segment = make_segment()
    watched = watch(segment)
    act(visitor())

    def killed(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(recalculating, "_bring_up", killed)
        with pytest.raises(KeyboardInterrupt):
            recalculate(watched.pk, now=NOON + 31 * DAY, clock=lambda: NOON)
    soon = NOON + 31 * DAY + timedelta(minutes=1)
    assert due_segments(now=soon) == []
    recalculate(watched.pk, now=soon, clock=lambda: soon)
    assert len(moves()) == 1

    late = NOON + 31 * DAY + timedelta(minutes=6)
    assert due_segments(now=late) == [watched.pk]
    assert recalculate(watched.pk, now=late, clock=lambda: late)

    assert moves()[-1] == ("left", "buyers", "time")
    assert "never ended" in mail.outbox[0].body
    watched.refresh_from_db()
    assert (watched.state, watched.failures) == ("done", 0)


def test_a_segment_that_nothing_listens_to_any_more_is_forgotten() -> None:
    segment = make_segment()
    watched = watch(segment)
    act(visitor())
    watched.is_kept = False
    watched.save()

    keep_watch()

    assert not WatchedSegment.objects.exists()
    assert not Membership.objects.exists()


def test_batches_reach_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recalculating, "PROFILES_AT_ONCE", 2)
    segment = make_segment()
    people = [visitor(f"v{number}") for number in range(5)]
    for one in people[:3]:
        act(one)

    assert watch(segment).members == 3
    assert inside(segment) == {one.pk for one in people[:3]}


def test_the_schedule_watches_counts_and_recalculates(monkeypatch: pytest.MonkeyPatch) -> None:
    # What a worker would do, at once.
    monkeypatch.setattr(recalculate_segment, "delay", recalculate_segment)
    WatchedSegment.objects.create(segment=make_segment())

    recalculate_segments()

    assert WatchedSegment.objects.get().state == "done"
    assert {
        "recalculate-watched-segments",
        "pass-news-on",
        "deliver-news",
        "push-audiences",
    } <= set(app.conf.beat_schedule)
