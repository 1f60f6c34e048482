"""Golden visitors: someone frozen, and the segments this someone must stay in or out of."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from personalization.profiles.facts import SECONDS_PER_DAY, Facts, empty_facts
from personalization.profiles.models import Profile
from personalization.rules.compiling import CompiledRule, Known, compile_rule
from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.references import among, named_in
from personalization.rules.tracing import Trace, holds_for, trace
from personalization.segments.linting import traits_of
from personalization.segments.models import GoldenVisitor, Segment, saved_rule

# What leads back to a person is not kept: latest acts, order numbers, the second of an act.
KEPT: Final = ("counts", "categories", "sums", "category_sums", "lowest", "highest")
TIMES: Final = ("first", "last")


def freeze_visitor(
    *,
    name: str,
    profile: Profile,
    segment: Segment,
    context: Mapping[str, Any],
    now: datetime,
) -> GoldenVisitor:
    """Save the profile as it is now, expected to be in or out of this segment as it is saved.

    Where that depends on a visit of which nothing is stated, nothing is expected yet.
    """
    facts = freeze_facts(profile.facts, traits=_traits_in_use())
    with transaction.atomic():
        golden = GoldenVisitor.objects.create(
            name=name, facts=facts, context=dict(context), frozen_at=now
        )
        holds = _holds(segment, golden)
        if holds is not None:
            (golden.belongs_to if holds else golden.stays_out_of).add(segment)
    return golden


def freeze_facts(facts: Facts, *, traits: Collection[str]) -> Facts:
    """Return the facts without what leads back to a person; of traits, those named here."""
    whole = {**empty_facts(), **facts}
    kept = {name: whole[name] for name in KEPT}
    times = {name: {kind: _day(at) for kind, at in whole[name].items()} for name in TIMES}
    stated = {name: value for name, value in whole["traits"].items() if name in traits}
    return {**empty_facts(), **kept, **times, "traits": stated}


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
    known = _known(golden)
    expected = [(one, True) for one in golden.belongs_to.all()]
    expected += [(one, False) for one in golden.stays_out_of.all()]
    for segment, should_hold in expected:
        rule = compiled.get(segment.key)
        # None: the visit decides, and nobody stated it.
        if rule is not None and holds_for(rule, known) is (not should_hold):
            yield _complaint(golden, segment, should_hold, trace(rule, known))


def _complaint(golden: GoldenVisitor, segment: Segment, should_hold: bool, found: Trace) -> str:
    remedy = "Change the segment, or what you expect of the golden visitor."
    if not should_hold:
        return f"The golden visitor “{golden}” would get into “{segment}”. {remedy}"
    failing = [f"{one.sentence} ({one.actual})" for one in found.conditions() if not one.holds]
    because = f": {'; '.join(failing)}" if failing and found.match != "none" else ""
    return f"The golden visitor “{golden}” would not be in “{segment}”{because}. {remedy}"


def _holds(segment: Segment, golden: GoldenVisitor) -> bool | None:
    try:
        rule = compile_rule(segment.parsed_rule, resolve=saved_rule)
        return holds_for(rule, _known(golden))
    except RuleError:
        # Nothing can be expected of a rule that cannot be read.
        return None


def _known(golden: GoldenVisitor) -> Known:
    return Known(facts=golden.facts, context=golden.context, now=golden.frozen_at)


def _traits_in_use() -> set[str]:
    found: set[str] = set()
    for segment in Segment.objects.all():
        try:
            found |= traits_of(segment.parsed_rule)
        except RuleError:
            # Nor can it need a trait.
            continue
    return found


def _day(seconds: int) -> int:
    return seconds - seconds % SECONDS_PER_DAY
