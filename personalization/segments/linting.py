"""What is wrong, or will surprise, in the segments as they are saved."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from personalization.rules.contradicting import (
    always_holds,
    can_never_hold,
    find_contradictions,
)
from personalization.rules.normalising import Normal, normalised
from personalization.rules.parsing import PARAMETERS, Rule
from personalization.rules.sentences import event_noun

# The worst first: what cannot work, what will surprise, what can be tidied.
SEVERITIES: Final = ("error", "warning", "hint")
SILENT_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to act on; `model` and `pk` say on which row, `remedy` what to do."""

    severity: str
    model: str
    pk: int
    name: str
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A segment as it is saved; without a rule, `fault` says why it cannot be read."""

    pk: int
    key: str
    name: str
    rule: Rule | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Population:
    """What there is to match: counts by segment key, and what still arrives.

    `unknown` are scores, personas, categories and purposes that nobody has, as sentences by segment
    key, and `unknown_lists` lists that are not there. `total` is None where counting took too long.
    """

    total: int | None = None
    matched: Mapping[str, int] = field(default_factory=dict)
    silent_events: Collection[str] = ()
    missing_traits: Collection[str] = ()
    unknown: Mapping[str, Collection[str]] = field(default_factory=dict)
    unknown_lists: Mapping[str, Collection[str]] = field(default_factory=dict)


def lint_segments(*, drafts: Sequence[Draft], population: Population) -> list[Finding]:
    """Return every finding; a segment that cannot match is not blamed for more."""
    twins = _twins(drafts)
    findings = []
    for draft in drafts:
        if draft.rule is None:
            findings.append(_finding(draft, "error", f"It cannot be read: {draft.fault}", MEND))
            continue
        # The cause alone is told: who waits for what no longer arrives is matched by nobody.
        found = [*_never(draft, draft.rule)] or [
            *_by_rule(draft, draft.rule),
            *(
                [*_stopped(draft, draft.rule, population)]
                or _by_count(draft, draft.rule, population)
            ),
        ]
        findings.extend([*found, *_identical(draft, twins)])
    return findings


MEND: Final = "Open it and write its conditions again."
SPELLING: Final = "Check its spelling, or ask who should send it."


def events_of(rule: Rule) -> set[str]:
    """Return the event types a rule reads."""
    facts = (condition.fact for condition in rule.conditions())
    return {fact.name for fact in facts if "event" in PARAMETERS.get(fact.kind, ())}


def traits_of(rule: Rule) -> set[str]:
    """Return the traits a rule reads."""
    return {one.fact.name for one in rule.conditions() if one.fact.kind == "trait"}


def _finding(draft: Draft, severity: str, problem: str, remedy: str) -> Finding:
    return Finding(severity, "segments.segment", draft.pk, draft.name, problem, remedy)


def _never(draft: Draft, rule: Rule) -> Iterator[Finding]:
    if not can_never_hold(rule):
        return
    reasons = "; ".join(_parts(rule, are_impossible=True)) or "its conditions exclude each other"
    remedy = "Remove one of them, or let at least one hold instead of all."
    yield _finding(draft, "error", f"It can never match: {reasons}.", remedy)


def _by_rule(draft: Draft, rule: Rule) -> Iterator[Finding]:
    if always_holds(rule):
        remedy = "Narrow its conditions, or show the activity to everyone instead."
        yield _finding(draft, "warning", "It matches everybody, whoever they are.", remedy)
        return
    for part in _parts(rule, are_impossible=True):
        yield _finding(draft, "warning", f"A part of it is idle: {part}.", "Remove that part.")
    for part in _parts(rule, are_impossible=False):
        problem = f"A condition says nothing: {part}."
        yield _finding(draft, "warning", problem, "Remove it, or move its limit.")


def _parts(rule: Rule, *, are_impossible: bool) -> list[str]:
    found = (one for one in find_contradictions(rule) if one.is_impossible is are_impossible)
    return list(dict.fromkeys(one.sentence for one in found))


def _by_count(draft: Draft, rule: Rule, population: Population) -> Iterator[Finding]:
    matched = population.matched.get(draft.key)
    if matched is None or not population.total or always_holds(rule):
        return
    if matched == 0:
        remedy = "Ask “Why / why not” of someone you expected, and loosen what fails."
        yield _finding(draft, "warning", "Nobody matches today.", remedy)
    reads_visit = any(one.fact.is_context for one in rule.conditions())
    if matched == population.total and not reads_visit:
        problem = f"Everybody matches today: all {matched:,} profiles."
        yield _finding(draft, "warning", problem, "Narrow its conditions.")


def _stopped(draft: Draft, rule: Rule, population: Population) -> Iterator[Finding]:
    for event in sorted(events_of(rule) & set(population.silent_events)):
        problem = f"For {SILENT_DAYS} days no {event_noun(event, is_one=True)} has arrived."
        remedy = "Ask your developers whether the page still sends it, or use another fact."
        yield _finding(draft, "warning", problem, remedy)
    for trait in sorted(traits_of(rule) & set(population.missing_traits)):
        problem = f"Nobody has the trait “{trait}”."
        yield _finding(draft, "warning", problem, SPELLING)
    for problem in population.unknown.get(draft.key, ()):
        yield _finding(draft, "warning", problem, SPELLING)
    for problem in population.unknown_lists.get(draft.key, ()):
        yield _finding(draft, "error", problem, "Choose a list that is there.")


def _twins(drafts: Sequence[Draft]) -> dict[Normal, list[Draft]]:
    twins: dict[Normal, list[Draft]] = {}
    for draft in drafts:
        if draft.rule is not None:
            twins.setdefault(normalised(draft.rule), []).append(draft)
    return twins


def _identical(draft: Draft, twins: Mapping[Normal, Sequence[Draft]]) -> Iterator[Finding]:
    same = twins[normalised(draft.rule)] if draft.rule else [draft]
    if same[0] != draft:
        remedy = "Use one of the two in every activity, and delete the other."
        yield _finding(draft, "hint", f"It says the same as “{same[0].name}”.", remedy)
