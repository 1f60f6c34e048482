"""Background work of this room."""

from celery import shared_task
from django.utils import timezone

from personalization.profiles.expiring import forget_expired
from personalization.profiles.forgetting_events import forget_old_events
from personalization.profiles.scoring import score_profiles


@shared_task  # type: ignore[untyped-decorator,unused-ignore]
def score() -> None:
    """Score how everybody buys and how engaged they are, as of now."""
    score_profiles(now=timezone.now())


@shared_task  # type: ignore[untyped-decorator,unused-ignore]
def forget_events() -> None:
    """Drop events that are older than settings keep them."""
    forget_old_events(now=timezone.now())


@shared_task  # type: ignore[untyped-decorator,unused-ignore]
def forget_expired_traits() -> None:
    """Remove what third parties stated and may no longer be used."""
    forget_expired(now=timezone.now())
