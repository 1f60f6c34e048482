"""Let a worker pass news on at once; without a broker it waits for the schedule."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def nudge() -> None:
    """Ask for the news to be passed on; never raises for want of a broker."""
    _send("personalization.activation.tasks.pass_news_on")


def nudge_deliveries() -> None:
    """Ask for the deliveries that are due."""
    _send("personalization.activation.tasks.deliver")


def nudge_recalculation() -> None:
    """Ask for the recalculations that are due."""
    _send("personalization.activation.tasks.recalculate_segments")


def nudge_audiences() -> None:
    """Ask for the audiences that are due."""
    _send("personalization.activation.tasks.push_audiences")


def _send(task: str) -> None:
    try:
        current_app.send_task(task, retry=False)
    except OperationalError as error:
        logger.warning("The task is not queued now, but will be run by the schedule: %s", error)
