"""What is scheduled goes live at its time, or says why it did not."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from personalization.segments.admin.scheduling import ScheduleForm
from personalization.segments.approving import approve, publish_due
from personalization.segments.ending import withdraw
from personalization.segments.history import history_of
from personalization.segments.models import Segment
from personalization.segments.tasks import publish_scheduled
from tests.factories import NOON
from tests.rules.test_contradicting import bought

from .test_approving import LATER, demand_approval, expect_in, live, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def regulars() -> Segment:
    return Segment.objects.create(name="Regulars", rule={"all": [bought("greater", 3)]})


def test_what_is_scheduled_goes_live_when_its_time_has_come(regulars: Segment) -> None:
    scheduled = submitted(regulars, at=LATER)
    assert scheduled.state == "scheduled"

    assert publish_due(now=LATER - timedelta(seconds=1)) == 0
    assert live() is None
    assert publish_due(now=LATER) == 1
    assert publish_due(now=LATER) == 0

    assert live() == regulars.definition()
    scheduled.refresh_from_db()
    assert (scheduled.state, scheduled.version) == ("live", 1)


def test_the_beat_publishes_what_is_due(regulars: Segment) -> None:
    submitted(regulars, at=NOON - timedelta(days=700))

    publish_scheduled()

    assert live() == regulars.definition()


def test_an_approved_schedule_waits_for_its_time(regulars: Segment) -> None:
    demand_approval()
    waiting = submitted(regulars, at=LATER)
    assert approve(proposal_id=waiting.pk, by="bob", now=NOON).state == "scheduled"
    assert live() is None

    publish_due(now=LATER)

    assert live() == regulars.definition()


def test_a_schedule_can_be_withdrawn(regulars: Segment) -> None:
    scheduled = submitted(regulars, at=LATER)
    withdraw(proposal_id=scheduled.pk, by="ann", now=NOON)

    assert publish_due(now=LATER) == 0
    assert live() is None


def test_a_schedule_that_golden_visitors_stop_says_so(
    regulars: Segment, caplog: pytest.LogCaptureFixture
) -> None:
    scheduled = submitted(regulars, at=LATER)
    expect_in(regulars)

    assert publish_due(now=LATER) == 0

    scheduled.refresh_from_db()
    assert scheduled.state == "failed"
    assert "golden visitor “Someone” would not be in “Regulars”" in scheduled.problem
    assert "is not live" in caplog.text
    assert "golden visitor" in history_of("regulars")[0].entry.said


def test_a_schedule_nobody_approved_says_so_and_can_still_be_approved(
    regulars: Segment, caplog: pytest.LogCaptureFixture
) -> None:
    demand_approval()
    waiting = submitted(regulars, at=LATER)

    assert publish_due(now=LATER) == 0
    assert publish_due(now=LATER) == 0

    waiting.refresh_from_db()
    assert (waiting.state, waiting.problem) == (
        "submitted",
        "The time has come, but nobody else has approved it.",
    )
    assert caplog.text.count("nobody else has approved it") == 1
    assert approve(proposal_id=waiting.pk, by="bob", now=LATER).state == "live"


def test_a_schedule_made_before_the_policy_is_stopped_by_it(regulars: Segment) -> None:
    submitted(regulars, at=LATER)
    demand_approval()

    assert publish_due(now=LATER) == 0
    assert live() is None


def test_one_schedule_that_fails_does_not_hold_up_the_next(regulars: Segment) -> None:
    other = Segment.objects.create(name="Other", rule={"all": [bought("less", 2)]})
    submitted(regulars, at=LATER)
    submitted(other, at=LATER)
    expect_in(regulars)

    assert publish_due(now=LATER) == 1

    assert live("other") == other.definition()


def test_the_history_states_the_time_in_utc_whatever_clock_it_was_given_on(
    regulars: Segment,
) -> None:
    submitted(regulars, at=LATER.astimezone(ZoneInfo("Europe/Paris")))

    said = history_of("regulars")[0].entry.said
    assert f"to be live at {LATER:%Y-%m-%d %H:%M} UTC" in said


@pytest.mark.parametrize(
    ("at", "zone", "exists"),
    [
        ("2027-03-28T02:30", "Europe/Paris", False),
        ("2027-03-28T03:00", "Europe/Paris", True),
        ("2027-03-28T02:30", "UTC", True),
        ("2027-10-31T02:30", "Europe/Paris", True),
    ],
)
def test_a_time_that_the_clocks_skip_is_refused(at: str, zone: str, *, exists: bool) -> None:
    form = ScheduleForm({"at": at, "zone": zone})

    assert form.is_valid() is exists
    assert exists or "Europe/Paris skip this time" in form.errors["at"][0]
