"""Background work of this room."""

from celery import shared_task
from django.utils import timezone

from personalization.segments.approving import publish_due
from personalization.segments.keeping import keep_facts_of_segments
from personalization.segments.listing import tell_members, waiting_lists
from personalization.segments.publishing import announce_latest
from personalization.segments.sizing import record_sizes
from personalization.segments.upload_keeping import forget_old_uploads
from personalization.segments.upload_reading import lost_uploads, read_upload


@shared_task  # type: ignore[untyped-decorator,unused-ignore]
def announce_publication() -> None:
    """Tell Redis again what is live, in case it lost it."""
    announce_latest()


@shared_task  # type: ignore[untyped-decorator,unused-ignore]
def record_segment_sizes() -> None:
    """Remember how many profiles each live segment matches today."""
    record_sizes(now=timezone.now())


@shared_task  # type: ignore[untyped-decorator,unused-ignore]
def publish_scheduled() -> None:
    """Publish what is to be live by now."""
    publish_due(now=timezone.now())


@shared_task  # type: ignore[untyped-decorator,unused-ignore]
def tell_list_members(list_id: int) -> None:
    """Let the facts of a list's members say that they are on it."""
    tell_members(list_id=list_id)


@shared_task  # type: ignore[untyped-decorator,unused-ignore]
def tell_waiting_lists() -> None:
    """Do so for lists whose task got lost."""
    for list_id in waiting_lists(now=timezone.now()):
        tell_members(list_id=list_id)


@shared_task  # type: ignore[untyped-decorator,unused-ignore]
def choose_census_facts() -> None:
    """Let the census keep the facts that segments read by now."""
    keep_facts_of_segments()


@shared_task  # type: ignore[untyped-decorator,unused-ignore]
def read_list_upload(upload_id: int) -> None:
    """Make a list of what was uploaded."""
    read_upload(upload_id, clock=timezone.now)


@shared_task  # type: ignore[untyped-decorator,unused-ignore]
def read_lost_uploads() -> None:
    """Do so for uploads whose worker got lost, and forget those that nobody could read."""
    now = timezone.now()
    forget_old_uploads(now=now)
    for upload_id in lost_uploads(now=now):
        read_list_upload.delay(upload_id)
