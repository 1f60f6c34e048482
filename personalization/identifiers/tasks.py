"""What is done in the background."""

from celery import shared_task

from personalization.identifiers.kinds import announce_kinds


@shared_task
def announce_identifier_kinds() -> None:
    """Tell Redis the kinds again, in case it was away or has lost them."""
    announce_kinds()
