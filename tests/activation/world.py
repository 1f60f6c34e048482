"""A small shop's segments, visitors and destinations, for the tests of this room."""

from datetime import datetime, timedelta
from typing import Any

from consent.purposes import ADVERTISING
from consent.recording import record_choices
from consent.subjects import Identifier, Subject
from personalization.activation.confiding import confide
from personalization.activation.models import (
    Audience,
    AudienceRun,
    Destination,
    Membership,
    Transition,
    WatchedSegment,
)
from personalization.activation.noticing import notice_transitions
from personalization.activation.passing_on import pass_news_on
from personalization.activation.recalculating import recalculate
from personalization.activation.sending import deliver_due
from personalization.activation.syncing import sync_audience
from personalization.activation.watching import keep_watch
from personalization.profiles.facts import empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.profiles.remembering import lock_facts, write_facts
from personalization.segments.models import Segment
from personalization.segments.publishing import publish_segment
from tests.factories import NOON

from .conftest import SECRET

PURPOSES = ("functional", "analytics", "personalization", "training", ADVERTISING)
DAY = timedelta(days=1)


def bought(days: int | None = 30, least: int = 1) -> dict[str, Any]:
    return {
        "all": [
            {
                "fact": "count",
                "event": "purchase",
                "days": days,
                "operator": "at_least",
                "value": least,
            }
        ]
    }


def make_segment(name: str = "Buyers", rule: dict[str, Any] | None = None) -> Segment:
    segment = Segment.objects.create(name=name, rule=rule or bought())
    publish_segment(segment=segment, by="ann", now=NOON)
    return segment


def watch(segment: Segment, *, now: datetime = NOON) -> WatchedSegment:
    """Let the segment be watched, and its members be counted for the first time."""
    watched, _ = WatchedSegment.objects.get_or_create(segment=segment)
    assert recalculate(watched.pk, now=now, clock=lambda: now)
    watched.refresh_from_db()
    return watched


def visitor(user_id: str = "anna", *, to: tuple[str, ...] = PURPOSES) -> Profile:
    choices = {purpose: purpose in to for purpose in PURPOSES}
    subject = Subject.of(user_id=user_id)
    record_choices(subject=subject, choices=choices, mechanism="API", now=NOON)
    profile = Profile.objects.create(facts=empty_facts())
    pseudonym = Identifier("user", user_id).pseudonym
    ProfileIdentifier.objects.create(profile=profile, kind="user", pseudonym=pseudonym)
    return profile


def act(profile: Profile, kind: str = "purchase", *, now: datetime = NOON) -> int:
    """Let a visitor do something, as the consumer writes it down; return who moved."""
    facts_of = lock_facts([profile.pk])
    remember(facts_of[profile.pk], Happening(kind, now))
    write_facts(facts_of)
    return notice_transitions(facts_of, now=now)


def make_destination(url: str, *segments: Segment, **changes: Any) -> Destination:
    fields = {"name": "Ads", "url": url, "identifier_kinds": ["user"], **changes}
    destination = Destination(**fields)
    confide(destination, SECRET)
    destination.save()
    destination.segments.set(segments)
    keep_watch()
    for segment in segments:
        watch(segment)
    return destination


def pass_on(*, now: datetime = NOON) -> None:
    """Let the news be told: what two tasks do."""
    pass_news_on(now=now)
    deliver_due(now=now, clock=lambda: now)


def moves() -> list[tuple[str, str, str]]:
    rows = Transition.objects.values_list("kind", "segment_key", "cause")
    return list(rows.order_by("pk"))


def inside(segment: Segment) -> set[int]:
    held = Membership.objects.filter(segment_key=segment.key, left_at__isnull=True)
    return set(held.values_list("profile_id", flat=True))


def crowd(size: int, *, name: str = "v", **how: Any) -> list[Profile]:
    people = [visitor(f"{name}{number}", **how) for number in range(size)]
    for one in people:
        act(one)
    return people


def sync(audience: Audience) -> AudienceRun:
    return sync_audience(audience.pk, now=NOON, clock=lambda: NOON)


def refuse(user_id: str) -> None:
    record_choices(
        subject=Subject.of(user_id=user_id),
        choices={"advertising": False},
        mechanism="API",
        now=NOON,
    )
