"""What this room keeps: who is watched, who is told, what was told."""

from personalization.activation.models.audience import Audience, AudienceMember, AudienceRun
from personalization.activation.models.destination import Delivery, Destination, Told
from personalization.activation.models.membership import Membership, Transition
from personalization.activation.models.trigger import Firing, Trigger
from personalization.activation.models.watched import WatchedSegment

__all__ = (
    "Audience",
    "AudienceMember",
    "AudienceRun",
    "Delivery",
    "Destination",
    "Firing",
    "Membership",
    "Told",
    "Transition",
    "Trigger",
    "WatchedSegment",
)
