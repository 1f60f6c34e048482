"""Make a segment of those who left a funnel at a step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models.expressions import RawSQL

from personalization.profiles.models import Profile
from personalization.rules.parsing import parse_rule
from personalization.rules.querying import matching_profiles
from personalization.segments.funnel_steps import Step, read_steps
from personalization.segments.funnelling import Period, dropped_profiles
from personalization.segments.history import record_saving
from personalization.segments.listing import freeze_profiles, list_rule
from personalization.segments.models import Funnel, Kind, MemberList, Segment, saved_rule

NAME_LENGTH: Final = 80


@dataclass(frozen=True, slots=True)
class Made:
    """The segment as a draft, how many are in it, and why it is what it is.

    `member_list` is to be told to the profiles, where it is one.
    """

    segment: Segment
    members: int
    reason: str
    member_list: MemberList | None = None


def make_segment(*, funnel: Funnel, after: int, days: int, by: str, now: datetime) -> Made:
    """Return a draft of those who took step `after`, counted from 1, and not the next in time.

    It is a rule where the rule names the same people at this moment, and a list otherwise. Raises
    IndexError where the funnel has no step behind that one.
    """
    steps = read_steps(funnel.steps)
    if not 1 <= after < len(steps):
        raise IndexError(after)
    window = timedelta(minutes=funnel.window_minutes)
    period = Period.of_days(days, now=now)
    sql = dropped_profiles(steps=steps, window=window, period=period, after=after, now=now)
    dropped = RawSQL(sql.text, sql.params)  # noqa: S611 - values travel as parameters
    profiles = Profile.objects.filter(pk__in=dropped)
    rule, reason = _rule(steps, after, funnel.window_minutes, days)
    ids = set(profiles.values_list("pk", flat=True))
    if rule is not None:
        matching = matching_profiles(parse_rule(rule), now=now, resolve=saved_rule)
        found = set(matching.values_list("pk", flat=True))
        if found == ids:
            segment = _segment(funnel, after, Kind.DYNAMIC, rule)
            record_saving(segment=segment, before=None, by=by, now=now)
            said = "It is a rule, and stays up to date: it finds the same people as the funnel."
            return Made(segment, len(ids), said)
        reason = f"A rule would find {len(found):,} people instead: it reads the latest 100 acts."
    with transaction.atomic():
        segment = _segment(funnel, after, Kind.STATIC, list_rule("none-yet"))
        note = f"Dropped after step {after} of “{funnel}”"
        made = freeze_profiles(segment=segment, profiles=profiles, note=note, by=by, now=now)
        record_saving(segment=segment, before=None, by=by, now=now)
    return Made(segment, made.members, f"It is a list of who they are now. {reason}", made)


def _rule(
    steps: Sequence[Step], after: int, minutes: int, days: int
) -> tuple[dict[str, Any] | None, str]:
    """Return the rule that may say the same, or None and why there is none."""
    if after > 1:
        return None, "A rule knows two steps, not how they go on."
    first, then = steps[0], steps[1]
    if first.item or then.item:
        return None, "A rule on two steps knows categories, not items."
    sequence = {
        "fact": "sequence",
        "event": first.event,
        "category": first.category or None,
        "then": then.event,
        "then_category": then.category or None,
        "minutes": minutes,
        "days": days,
    }
    never = {"none": [{**sequence, "operator": "done"}]}
    return {"all": [{**sequence, "operator": "not_followed"}, never]}, ""


def _segment(funnel: Funnel, after: int, kind: Kind, rule: dict[str, Any]) -> Segment:
    name = f"{funnel}: dropped after step {after}"[: NAME_LENGTH - 5]
    taken = set(Segment.objects.filter(name__startswith=name).values_list("name", flat=True))
    numbered = (f"{name} ({number})" for number in range(2, len(taken) + 3))
    free = name if name not in taken else next(one for one in numbered if one not in taken)
    return Segment.objects.create(
        name=free,
        description=f"Made of the funnel “{funnel}”.",
        kind=kind,
        rule=rule,
    )
