"""Delete what was told once it is old."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Max

from personalization.activation.models import Delivery, Firing, Membership, Transition, Trigger
from personalization.activation.sending import ERASED
from personalization.activation.streaming import trim_stream


def delete_old(*, now: datetime) -> None:
    """Delete transitions, deliveries, firings and ended memberships that are old.

    What still waits stays; so do acknowledgements of erasures, which name nobody, and firings that
    still keep their trigger from firing again or whose activity is still due.
    """
    before = now - timedelta(days=settings.ACTIVATION_KEPT_DAYS)
    Transition.objects.filter(passed_on_at__lt=before).delete()
    Membership.objects.filter(left_at__lt=before).delete()
    Delivery.objects.filter(ended_at__lt=before).exclude(type=ERASED).delete()
    longest = Trigger.objects.aggregate(hours=Max(F("every_hours")))["hours"] or 0
    rested = Firing.objects.filter(fired_at__lt=min(before, now - timedelta(hours=longest)))
    rested.exclude(ends_at__gt=now).delete()
    trim_stream(before=before)
