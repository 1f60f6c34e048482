"""Say of each decision on a page why it was taken, and what nearly won instead."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from personalization.content.rulesets import CompiledActivity, ruleset_for
from personalization.decisions.deciding import Decision
from personalization.decisions.pages import Page
from personalization.rules.compiling import Known, Verdict
from personalization.rules.quoting import shown

MOST_NEAR_MISSES: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One condition: what it asks, what is so, whether it held."""

    sentence: str
    actual: Any
    holds: bool
    shortfall: float | None

    @property
    def short_by(self) -> str:
        """How much is missing, in as many digits as tell it."""
        return shown(self.shortfall or 0)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An activity that was not shown, and the conditions that kept it away."""

    activity: str
    missing: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one block looks as it does."""

    decision: Decision
    lines: tuple[Line, ...]
    near_misses: tuple[NearMiss, ...]


def explain(decision: Decision, *, page: Page) -> Explanation:
    """Return the conditions of the activity shown, and the nearest others of its placement."""
    known = Known(
        facts=page.knowledge.facts,
        context=page.context,
        now=page.now,
        profile_id=page.knowledge.profile_id,
        choices=page.knowledge.choices,
    )
    rule = decision.activity.rule if decision.activity else None
    lines = tuple(_lines(rule.judge(known))) if rule else ()
    return Explanation(decision, lines, _near_misses(decision, page=page, known=known))


def _near_misses(decision: Decision, *, page: Page, known: Known) -> tuple[NearMiss, ...]:
    if not page.knowledge.may_personalize:
        return ()
    others = ruleset_for(page.knowledge.ruleset_version).activities_for(decision.placement)
    missed = [miss for other in others if (miss := _miss(other, known))]
    missed.sort(key=lambda miss: sum(line.shortfall or 0 for line in miss.missing))
    return tuple(missed[:MOST_NEAR_MISSES])


def _miss(activity: CompiledActivity, known: Known) -> NearMiss | None:
    """Return what kept an activity away, where the visitor has come some of the way."""
    if activity.rule is None or not activity.is_on(known.now) or activity.rule.matches(known):
        return None
    missing = tuple(line for line in _lines(activity.rule.judge(known)) if not line.holds)
    if any(line.shortfall is None or not line.actual for line in missing):
        return None
    return NearMiss(activity.name, missing)


def _lines(verdict: Verdict) -> Iterator[Line]:
    if not verdict.members:
        yield Line(verdict.sentence, verdict.actual, verdict.holds, verdict.shortfall)
    for member in verdict.members:
        yield from _lines(member)
