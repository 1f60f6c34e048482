"""Take a visitor's answer to a question in as what it is: a trait they stated."""

import uuid
from datetime import datetime
from typing import Final

from personalization.content.asking import AnswerRefused, read_answer
from personalization.content.rulesets import CompiledVariation, Ruleset, ruleset_for
from personalization.decisions.knowing import Knowledge
from personalization.decisions.visitors import Visitor
from personalization.events.tracking import track

SOURCE: Final = "question"


def take_answer(
    *,
    activity: str,
    variation: str,
    stated: str,
    visitor: Visitor,
    knowledge: Knowledge,
    now: datetime,
) -> bool:
    """Send the answer through the door; return whether it was accepted.

    It is not where the visitor has not agreed to personalization. Raises AnswerRefused,
    StreamUnavailable.
    """
    if not knowledge.may_personalize:
        return False
    ruleset = ruleset_for(knowledge.ruleset_version)
    question = _question(ruleset, activity=activity, variation=variation)
    answer = read_answer(stated, content=question.content)
    event = {
        "message_id": str(uuid.uuid4()),
        "type": "identify",
        "traits": {question.content["trait"]: answer},
        "anonymous_id": visitor.anonymous_id or None,
        "user_id": visitor.user_id or None,
    }
    return track([event], now=now, source=SOURCE).accepted == 1


def _question(ruleset: Ruleset, *, activity: str, variation: str) -> CompiledVariation:
    for those in ruleset.activities_by_placement.values():
        for live in those:
            for one in live.variations:
                if (live.key, one.key, one.kind) == (activity, variation, "question"):
                    return one
    raise AnswerRefused("This question is not asked any more.")
