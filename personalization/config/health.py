"""Is this process alive, and can it serve?"""

from collections.abc import Callable, Mapping
from typing import Final

import redis
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from consent.keyspaces import redis_connection


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process answers at all."""
    return JsonResponse({"status": "alive"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when pages and API can be served in full, else 503 naming what is missing."""
    missing = {name: message for name, check in CHECKS.items() if (message := check())}
    status = 503 if missing else 200
    return JsonResponse(
        {"status": "missing" if missing else "ready", "missing": missing}, status=status
    )


def _postgresql() -> str | None:
    try:
        with connection.cursor() as cursor:  # a connection that was open may be dead
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "PostgreSQL cannot be reached."
    return None


def _redis() -> str | None:
    try:
        redis_connection().ping()
    except redis.RedisError:
        return "Redis cannot be reached."
    return None


def _migrations() -> str | None:
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "Migrations cannot be checked without PostgreSQL."
    return f"{len(plan)} migrations are not applied. Run: manage.py migrate." if plan else None


CHECKS: Final[Mapping[str, Callable[[], str | None]]] = {
    "postgresql": _postgresql,
    "redis": _redis,
    "migrations": _migrations,
}
