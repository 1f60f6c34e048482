"""Upkeep of profiles in the background."""

from celery import shared_task
from django.utils import timezone

from personalization.profiles.expiring import forget_expired


@shared_task
def forget_expired_traits() -> None:
    """Remove what third parties stated and may no longer be used."""
    forget_expired(now=timezone.now())
