"""Tell visits apart: acts of which none is more than 30 minutes after the one before.

Of each visit its first and its last act are kept, so that one which arrives late finds its visit,
opens an earlier one or closes the gap between two. What is kept is a function of the acts' times:
whatever the order in which they arrive, and wherever a history is cut in two, the visits are the
same. There are at most 48 of them a day.
"""

from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import Final

from personalization.profiles.facts import SECONDS_PER_DAY, SESSION, Facts

SESSION_SECONDS: Final = 30 * 60

Visit = list[int]  # its first act and its last


def note_act(facts: Facts, seconds: int) -> None:
    """Add an act to the visits, before it is added to the latest acts."""
    visits: list[Visit] = facts.setdefault("visits", [])
    if not visits and facts["recent"]:
        visits += _visits_of(facts)
    # Acts come in order but for the few that were late.
    if visits and visits[-1][0] <= seconds <= visits[-1][1] + SESSION_SECONDS:
        visits[-1][1] = max(visits[-1][1], seconds)
    else:
        _add_visit(facts, [seconds, seconds])


def join_visits(merged: Facts, kept: Facts, absorbed: Facts) -> None:
    """Make the visits of two histories those of one, where their counts are added up already."""
    merged["visits"] = [list(visit) for visit in _visits_of(kept)]
    for visit in _visits_of(absorbed):
        _count(merged, visit, -1)
        _add_visit(merged, list(visit))


def _visits_of(facts: Facts) -> list[Visit]:
    """Return the visits; of facts older than these, those of the latest acts."""
    visits: list[Visit] = facts.get("visits") or []
    if visits:
        return visits
    for seconds, *_ in facts["recent"]:
        if visits and seconds - visits[-1][1] <= SESSION_SECONDS:
            visits[-1][1] = seconds
        else:
            visits.append([seconds, seconds])
    return visits


def _add_visit(facts: Facts, visit: Visit) -> None:
    """Add a visit, made one with those that it touches."""
    visits: list[Visit] = facts["visits"]
    low = bisect_left(visits, visit[0] - SESSION_SECONDS, key=itemgetter(1))
    high = bisect_right(visits, visit[1] + SESSION_SECONDS, key=itemgetter(0))
    touched = visits[low:high]
    for one in touched:
        _count(facts, one, -1)
    if touched:
        visit = [min(visit[0], touched[0][0]), max(visit[1], touched[-1][1])]
    visits[low:high] = [visit]
    _count(facts, visit, 1)


def _count(facts: Facts, visit: Visit, number: int) -> None:
    """Count a visit on the day on which it began; facts may be older than their visits."""
    days, day = facts["counts"].setdefault(SESSION, {}), str(visit[0] // SECONDS_PER_DAY)
    days[day] = days.get(day, 0) + number
    if days[day] <= 0:
        del days[day]
