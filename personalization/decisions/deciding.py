"""Choose what to show in each placement, and say why."""

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from personalization.content.rulesets import (
    CompiledActivity,
    CompiledVariation,
    Ruleset,
    ruleset_for,
)
from personalization.decisions.knowing import Knowledge
from personalization.decisions.visitors import Visitor
from personalization.experiments.assigning import assign
from personalization.recommender.live import live_model
from personalization.recommender.recommending import Recommendation, recommend
from personalization.rules.compiling import Known

logger = logging.getLogger(__name__)

REASONS: Final[Mapping[str, str]] = {
    "matched": "{activity}: {sentence}",
    "everyone": "{activity}: shown to everyone",
    "triggered": "{activity}: due once, because the visitor entered a segment",
    "no_match": "No activity of this placement is for this visitor now.",
    "no_consent": "The visitor has not agreed to personalization.",
    "unavailable": "The profile store cannot be reached.",
    "failed": "The decision failed; the fault is logged.",
}

TRIGGERED: Final = "triggered"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code for programs and a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer. `variation` is None where the placement shows its fallback.

    `probability` is the chance with which this variation was chosen for this visitor.
    """

    id: str
    placement: str
    reason: Reason
    ruleset_version: int | None = None
    model_version: int | None = None
    activity: CompiledActivity | None = None
    variation: CompiledVariation | None = None
    probability: float | None = None
    item_ids: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the decision as the API answers it."""
        return {
            "id": self.id,
            "placement": self.placement,
            "activity": self.activity.key if self.activity else None,
            "variation": self.variation.key if self.variation else None,
            "kind": self.variation.kind if self.variation else None,
            "content": dict(self.variation.content) if self.variation else None,
            "items": list(self.item_ids),
            "reason": {"code": self.reason.code, "text": self.reason.text},
            "probability": self.probability,
            "ruleset_version": self.ruleset_version,
            "model_version": self.model_version,
        }


def decide(
    *,
    placements: Sequence[str],
    visitor: Visitor,
    knowledge: Knowledge,
    context: Mapping[str, Any],
    now: datetime,
) -> list[Decision]:
    """Choose for each placement; never raises, but answers with the fallback and a reason.

    No SQL, no Redis: `knowledge` was read before. `now` is timezone-aware.
    """
    ruleset = ruleset_for(knowledge.ruleset_version)
    known = Known(
        facts=knowledge.facts,
        context=context,
        now=now,
        profile_id=knowledge.profile_id,
        choices=knowledge.choices,
    )
    return [
        _safely(placement, ruleset=ruleset, visitor=visitor, knowledge=knowledge, known=known)
        for placement in placements
    ]


def decide_list(
    *,
    name: str,
    strategy: str,
    knowledge: Knowledge,
    limit: int,
    item_id: str | None,
    now: datetime,
) -> Decision:
    """Return a list of items as a decision named after its place on the page; never raises."""
    try:
        listed = _list(strategy, knowledge=knowledge, limit=limit, item_id=item_id, now=now)
    except Exception:
        logger.exception("The list %r failed; the page shows its fallback.", name)
        return _fallback(name, "failed")
    return Decision(
        id=str(uuid.uuid4()),
        placement=name,
        reason=Reason(listed.key, listed.reason),
        model_version=listed.model_version,
        item_ids=listed.item_ids,
    )


def _safely(
    placement: str, *, ruleset: Ruleset, visitor: Visitor, knowledge: Knowledge, known: Known
) -> Decision:
    if not knowledge.is_reachable:
        return _fallback(placement, "unavailable")
    try:
        return _decide_one(
            placement, ruleset=ruleset, visitor=visitor, knowledge=knowledge, known=known
        )
    except Exception:
        logger.exception("Deciding %r failed; the page shows its fallback.", placement)
        return _fallback(placement, "failed")


def _decide_one(
    placement: str, *, ruleset: Ruleset, visitor: Visitor, knowledge: Knowledge, known: Known
) -> Decision:
    candidates = _running(ruleset.activities_for(placement), known.now)
    activity = _winner(candidates, knowledge=knowledge, known=known)
    if activity is None:
        code = "no_match" if knowledge.may_personalize else "no_consent"
        return _fallback(placement, code, ruleset_version=ruleset.version)
    variation, probability = assign(
        activity.variations, visitor=_assignment_key(visitor, knowledge), experiment=activity.key
    )
    listed = _listed(variation, knowledge=knowledge, known=known)
    return Decision(
        id=str(uuid.uuid4()),
        placement=placement,
        reason=_reason(activity, is_due=_is_due(activity, knowledge, known.now)),
        ruleset_version=ruleset.version,
        model_version=listed.model_version if listed else None,
        activity=activity,
        variation=variation,
        probability=probability,
        item_ids=listed.item_ids if listed else (),
    )


def _running(activities: Iterable[CompiledActivity], now: datetime) -> list[CompiledActivity]:
    return [activity for activity in activities if activity.is_on(now)]


def _winner(
    candidates: Sequence[CompiledActivity], *, knowledge: Knowledge, known: Known
) -> CompiledActivity | None:
    """Return the first that is due, or else that matches; they come in order of priority."""
    for activity in candidates:
        if _is_due(activity, knowledge, known.now) and _may_ask(activity, knowledge):
            return activity
    for activity in candidates:
        if not _may_ask(activity, knowledge):
            continue
        if activity.rule is None:
            return activity
        # Without consent only the visit itself may be read, never the visitor.
        if activity.rule.reads_profile and not knowledge.may_personalize:
            continue
        if activity.rule.matches(known):
            return activity
    return None


def _is_due(activity: CompiledActivity, knowledge: Knowledge, now: datetime) -> bool:
    return knowledge.due.get(activity.key, 0) > now.timestamp()


def _may_ask(activity: CompiledActivity, knowledge: Knowledge) -> bool:
    """Whether its questions, if it has any, are open and the answers may be kept."""
    traits = activity.asks_for
    if not traits:
        return True
    stated = knowledge.facts["traits"]
    return knowledge.may_personalize and all(stated.get(trait) is None for trait in traits)


def _assignment_key(visitor: Visitor, knowledge: Knowledge) -> str:
    # Without consent nobody is recognised, so all get the same variation.
    if not knowledge.may_personalize:
        return ""
    return visitor.user_id or visitor.anonymous_id


def _listed(
    variation: CompiledVariation, *, knowledge: Knowledge, known: Known
) -> Recommendation | None:
    if variation.kind != "recommendations":
        return None
    return _list(
        variation.content["strategy"],
        knowledge=knowledge,
        limit=variation.content["limit"],
        item_id=known.context.get("item"),
        now=known.now,
    )


def _list(
    strategy: str, *, knowledge: Knowledge, limit: int, item_id: str | None, now: datetime
) -> Recommendation:
    model = live_model(knowledge.model_version)
    # A process that could not load the live version goes on with the one before, to which the
    # visitor's vector means nothing.
    fits = model is not None and model.version == knowledge.model_version
    return recommend(
        strategy=strategy,
        model=model,
        vector=knowledge.vector if fits else None,
        facts=knowledge.facts,
        limit=limit,
        item_id=item_id,
        now=now,
    )


def _reason(activity: CompiledActivity, *, is_due: bool) -> Reason:
    if is_due:
        return Reason(TRIGGERED, REASONS[TRIGGERED].format(activity=activity.name))
    if activity.rule is None:
        return Reason("everyone", REASONS["everyone"].format(activity=activity.name))
    sentence = activity.rule.sentence
    return Reason("matched", REASONS["matched"].format(activity=activity.name, sentence=sentence))


def _fallback(placement: str, code: str, *, ruleset_version: int | None = None) -> Decision:
    return Decision(
        id=str(uuid.uuid4()),
        placement=placement,
        reason=Reason(code, REASONS[code]),
        ruleset_version=ruleset_version,
    )
