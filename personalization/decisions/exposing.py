"""Log what was shown, as events through the stream."""

import logging
from collections.abc import Sequence
from datetime import datetime

import redis

from personalization.activation.due import is_shown
from personalization.decisions.deciding import TRIGGERED, Decision
from personalization.decisions.knowing import Knowledge
from personalization.decisions.pages import Page
from personalization.decisions.visitors import Visitor
from personalization.events.accepted import AcceptedEvent
from personalization.events.context import is_bot
from personalization.streams import stream

logger = logging.getLogger(__name__)


def log_exposures(page: Page) -> None:
    """Log the activities this page showed a visitor; a page is never held up for its log."""
    if is_bot(page.request.headers.get("User-Agent", "")):
        return
    expose(page.decisions, visitor=page.visitor, knowledge=page.knowledge, now=page.now)


def expose(
    decisions: Sequence[Decision], *, visitor: Visitor, knowledge: Knowledge, now: datetime
) -> None:
    """Append one exposure for each decision that showed an activity, in one write.

    An activity that was due once is due no longer.
    """
    shown = [decision for decision in decisions if decision.activity]
    _note_triggered(shown, knowledge, now=now)
    if not shown or not visitor.pseudonyms or not knowledge.choices.allows("analytics"):
        return
    events = [_exposure(decision, visitor=visitor, now=now) for decision in shown]
    try:
        stream.append((event.visitor, event) for event in events)
    except stream.StreamUnavailable:
        logger.exception("%d exposures are lost: the stream cannot be reached.", len(shown))


def _note_triggered(shown: Sequence[Decision], knowledge: Knowledge, *, now: datetime) -> None:
    keys = [one.activity.key for one in shown if one.activity and one.reason.code == TRIGGERED]
    if not keys or knowledge.profile_id is None:
        return
    try:
        is_shown(knowledge.profile_id, keys, now=now)
    except redis.RedisError:
        logger.exception("Redis cannot be told that %s were shown; they may be once more.", keys)


def _exposure(decision: Decision, *, visitor: Visitor, now: datetime) -> AcceptedEvent:
    shown = decision.as_json()
    names = ("placement", "activity", "variation", "probability", "ruleset_version")
    return AcceptedEvent(
        message_id=decision.id,
        type="exposure",
        occurred_at=now,
        received_at=now,
        anonymous_id=visitor.anonymous_id,
        user_id=visitor.user_id,
        identifiers={},
        properties={name: shown[name] for name in names},
        context={},
        traits={},
        source="decision",
    )
