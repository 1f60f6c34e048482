"""Asking other systems in the background."""

from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from personalization.connectors.models import Connection
from personalization.connectors.running import AlreadyRunning, bury_lost_runs, run_connection


@shared_task
def run_due_connections() -> None:
    """Have every connection asked whose time has come."""
    now = timezone.now()
    bury_lost_runs(now=now)
    for connection_id in Connection.objects.due(now).values_list("pk", flat=True):
        ask_connection.delay(connection_id)


@shared_task
def ask_connection(connection_id: int, started_by: str = "schedule") -> None:
    """Ask one; that somebody else is asking it already is no fault."""
    connection = Connection.objects.get(pk=connection_id)
    with suppress(AlreadyRunning):
        run_connection(connection, started_by=started_by, clock=timezone.now)
