"""Notice live who enters and leaves: from the facts a batch of events has changed."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from personalization.activation.judging import members_among, watched_rules
from personalization.activation.models import Transition
from personalization.activation.moving import members_of, move
from personalization.activation.nudging import nudge
from personalization.profiles.facts import Facts


def notice_transitions(facts_of: Mapping[int, Facts], *, now: datetime) -> int:
    """Write down who entered or left a watched segment by these new facts; return how many did.

    Call it in the transaction that writes the facts, with the profiles locked. What a profile was
    in before is read from its memberships, so the same facts twice move nobody twice. Two queries
    a batch, and one where nothing is watched.
    """
    if not facts_of:
        return 0
    rules = watched_rules()
    if not rules.keys:
        return 0
    before = members_of(rules.keys, facts_of.keys())
    after = set(members_among(facts_of, rules=rules, now=now))
    moved = move(
        entering=after - before,
        leaving=before - after,
        cause=Transition.Cause.ACT,
        version=rules.version,
        now=now,
    )
    if moved:
        transaction.on_commit(nudge)
    return moved
