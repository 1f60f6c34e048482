"""What keeps the door's standards fresh, in the background."""

from celery import shared_task
from django.utils import timezone

from personalization.events.dead_letters import delete_old_letters
from personalization.events.learning_usual import learn_usual_values
from personalization.events.refusing import delete_old
from personalization.events.standards import announce


@shared_task
def announce_standards() -> None:
    """Tell Redis what events are held against, in case it was away or lost its memory."""
    announce()


@shared_task
def learn_what_is_usual() -> None:
    """Learn anew from the last four weeks."""
    learn_usual_values(now=timezone.now())


@shared_task
def delete_old_refused_events() -> None:
    """Delete refused events after seven days."""
    delete_old(now=timezone.now())


@shared_task
def delete_old_dead_letters() -> None:
    """Delete dead letters that nobody sent back for as long as settings keep them."""
    delete_old_letters(now=timezone.now())
