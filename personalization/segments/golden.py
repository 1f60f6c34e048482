"""Golden visitors: someone frozen, and the segments this someone must stay in or out of."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from personalization.profiles.models import Profile
from personalization.rules.compiling import CompiledRule, Known, compile_rule
from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.references import among, named_in
from personalization.rules.tracing import Trace, holds_for, trace
from personalization.rules.tree import Fact
from personalization.segments.asking import known_of
from personalization.segments.freezing import freeze_facts, is_told
from personalization.segments.models import GoldenVisitor, Segment, saved_rule


def freeze_visitor(
    *,
    name: str,
    profile: Profile,
    segment: Segment,
    context: Mapping[str, Any],
    now: datetime,
) -> GoldenVisitor:
    """Save the profile as it is now, expected to be in or out of this segment as it is saved.

    Where that depends on what is not kept, or on a visit of which nothing is stated, nothing is
    expected yet.
    """
    facts = freeze_facts(profile.facts, read=_facts_in_use())
    known = known_of(profile, context=context, now=now)
    with transaction.atomic():
        golden = GoldenVisitor.objects.create(
            name=name, facts=facts, context=dict(context), frozen_at=now
        )
        holds = _is_in(segment, golden, known)
        if holds is not None:
            (golden.belongs_to if holds else golden.stays_out_of).add(segment)
    return golden


def broken_expectations(*, segments: Mapping[str, Any], changed: Collection[str]) -> list[str]:
    """Return, for a person to act on, what golden visitors expect of these definitions in vain.

    Only of those that changed, themselves or through a segment they name.
    """
    visitors = list(GoldenVisitor.objects.prefetch_related("belongs_to", "stays_out_of"))
    # Of thousands of segments few are expected anything of.
    expected = {one.key for visitor in visitors for one in _expected(visitor)}
    resolve = among(segments)
    rules = {
        key: compile_rule(parse_rule(segments[key]["rule"]), resolve=resolve)
        for key in sorted(expected & segments.keys())
    }
    compiled = {
        key: one for key, one in rules.items() if not {key, *named_in(one.rule)}.isdisjoint(changed)
    }
    return [said for one in visitors for said in _broken(one, compiled)]


def _expected(golden: GoldenVisitor) -> Iterator[Segment]:
    yield from golden.belongs_to.all()
    yield from golden.stays_out_of.all()


def _broken(golden: GoldenVisitor, compiled: Mapping[str, CompiledRule]) -> Iterator[str]:
    expected = [(one, True) for one in golden.belongs_to.all()]
    expected += [(one, False) for one in golden.stays_out_of.all()]
    for segment, should_hold in expected:
        rule = compiled.get(segment.key)
        # None: the visit decides, and nobody stated it, or it was not kept.
        if rule is not None and _holds(rule, golden) is (not should_hold):
            yield _complaint(golden, segment, should_hold, trace(rule, _known(golden)))


def _complaint(golden: GoldenVisitor, segment: Segment, should_hold: bool, found: Trace) -> str:
    remedy = "Change the segment, or what you expect of the golden visitor."
    if not should_hold:
        return f"The golden visitor “{golden}” would get into “{segment}”. {remedy}"
    failing = [f"{one.sentence} ({one.actual})" for one in found.conditions() if not one.holds]
    because = f": {'; '.join(failing)}" if failing and found.match != "none" else ""
    return f"The golden visitor “{golden}” would not be in “{segment}”{because}. {remedy}"


def unjudged(golden: GoldenVisitor) -> list[Segment]:
    """Return the segments that something is expected of, and cannot be held against."""
    read = ((one, _readable(one)) for one in _expected(golden))
    return [one for one, rule in read if rule is None or _holds(rule, golden) is None]


def _is_in(segment: Segment, golden: GoldenVisitor, known: Known) -> bool | None:
    """Return whether a profile is in the segment; None where what was kept of it says otherwise."""
    rule = _readable(segment)
    if rule is None:
        return None
    holds = _holds(rule, golden)
    return holds if holds is holds_for(rule, known) else None


def _holds(rule: CompiledRule, golden: GoldenVisitor) -> bool | None:
    if not all(is_told(one.fact, golden.facts) for one in rule.rule.conditions()):
        return None
    return holds_for(rule, _known(golden))


def _readable(segment: Segment) -> CompiledRule | None:
    try:
        return compile_rule(segment.parsed_rule, resolve=saved_rule)
    except RuleError:
        # Nothing can be expected of a rule that cannot be read.
        return None


def _known(golden: GoldenVisitor) -> Known:
    return Known(facts=golden.facts, context=golden.context, now=golden.frozen_at)


def _facts_in_use() -> set[Fact]:
    found: set[Fact] = set()
    for segment in Segment.objects.all():
        try:
            found |= {one.fact for one in segment.parsed_rule.conditions()}
        except RuleError:
            # Nor can it need a fact.
            continue
    return found
