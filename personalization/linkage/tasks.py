"""Searches in the background."""

from celery import shared_task
from django.utils import timezone

from personalization.linkage.models import LinkageRun
from personalization.linkage.searching import search


@shared_task
def search_for_duplicates(run_id: int) -> None:
    """Do the search that someone asked for; one that is over is left alone."""
    run = LinkageRun.objects.get(pk=run_id)
    if not run.is_over:
        search(run, now=timezone.now())
