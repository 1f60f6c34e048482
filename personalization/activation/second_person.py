"""A second person for what follows a segment, where the publishing rule asks for one."""

from datetime import datetime

from personalization.activation.models import Audience, Trigger
from personalization.segments.history import record
from personalization.segments.models import PublishingPolicy


class NotForThem(Exception):
    """Whoever set it up does not approve it."""


def note_saving(one: Trigger | Audience, *, by: str) -> None:
    """Say, before it is saved, by whom, and whether it must wait for somebody else."""
    one.saved_by, one.approved_by = by[:150], ""
    one.waits = one.is_active and PublishingPolicy.requires_approval()


def approve(one: Trigger | Audience, *, by: str, now: datetime) -> None:
    """Let it act; raises NotForThem."""
    if one.saved_by == by:
        raise NotForThem
    one.waits, one.approved_by = False, by[:150]
    one.save()
    record(key=one.segment.key, said=f"Approved what follows: {one}.", by=by, now=now)
