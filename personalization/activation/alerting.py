"""Tell the people who run this that something needs them."""

import logging

from django.conf import settings
from django.core.mail import mail_admins

logger = logging.getLogger(__name__)


def raise_alert(subject: str, message: str) -> None:
    """Write an alert to the log, and mail it to settings.ADMINS; never raises."""
    logger.error("%s: %s", subject, message)
    if not settings.ADMINS:
        return
    try:
        mail_admins(subject, message)
    except OSError as error:  # it stands in the admin and in the log all the same
        logger.warning("The alert cannot be mailed: %s", error)
