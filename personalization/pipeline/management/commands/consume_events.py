"""manage.py consume_events: store accepted events and update facts, until told to stop."""

import logging
import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection

from personalization.pipeline.consuming import consume_once
from personalization.pipeline.leasing import leased_shards
from personalization.pipeline.warming import warm_if_cold
from personalization.streams.stream import Reader, backlog

logger = logging.getLogger(__name__)
RETRY_SECONDS = 1.0


class Command(BaseCommand):
    """The stream consumer. Several may run: each takes the shards no other holds."""

    help = "Store accepted events and update facts, until told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer to stop by itself."""
        parser.add_argument(
            "--until-empty", action="store_true", help="Stop when no event waits any more."
        )

    def handle(self, *args: Any, until_empty: bool, **options: Any) -> None:
        """Consume until SIGTERM or Ctrl-C; what is in hand is finished first."""
        stopping = threading.Event()

        def stop(signum: int, frame: FrameType | None) -> None:
            stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        while not stopping.is_set():
            try:
                self._consume(stopping, until_empty=until_empty)
            except (DatabaseError, psycopg.Error, redis.RedisError):
                # Nothing is lost: what was not acknowledged is read again.
                logger.exception("A store cannot be reached; trying again.")
                connection.close()
                stopping.wait(RETRY_SECONDS)

    def _consume(self, stopping: threading.Event, *, until_empty: bool) -> None:
        with leased_shards(range(settings.EVENT_SHARDS)) as lease:
            if not lease.shards:
                stopping.wait(RETRY_SECONDS)
                return
            warm_if_cold()
            reader = Reader(lease.shards)
            logger.info("Consuming shards %s.", lease.shards)
            while not stopping.is_set():
                lease.confirm()
                stored = consume_once(reader)
                close_old_connections()
                if until_empty and not stored and not backlog():
                    stopping.set()
