"""Background work of this room."""

from celery import shared_task

from personalization.segments.publishing import announce_latest


@shared_task  # type: ignore[untyped-decorator,unused-ignore]
def announce_publication() -> None:
    """Tell Redis again what is live, in case it lost it."""
    announce_latest()
