"""Work on privacy requests in the background; the request's row is the queue."""

import logging
from typing import Final

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from consent.mirroring import mirror_what_waits
from consent.models.requests import VERIFYING, PrivacyRequest
from consent.requests import fulfil, stale_requests

logger = logging.getLogger(__name__)

ASK_AGAIN_AFTER_SECONDS: Final = 5


@shared_task(acks_late=True)
def fulfil_request(request_id: str) -> None:
    """Work on one request, and ask again soon where something is still waiting."""
    request = fulfil(request_id, now=timezone.now())
    if request.state == VERIFYING:
        enqueue(request, countdown=ASK_AGAIN_AFTER_SECONDS)


@shared_task(acks_late=True)
def resume_requests() -> None:
    """Queue what was left lying, and tell Redis the choices that it missed."""
    for request in stale_requests(now=timezone.now()):
        enqueue(request)
    mirror_what_waits()


def enqueue(request: PrivacyRequest, *, countdown: float = 0) -> None:
    """Queue a request; without a broker it stays in its row until `resume_requests` comes by."""
    try:
        fulfil_request.apply_async((str(request.pk),), countdown=countdown, retry=False)
    except OperationalError as error:
        logger.warning("%s is not queued now, but will be resumed: %s", request, error)
