"""A database and a Redis of the benchmarks' own, so that they neither see nor spoil other data."""

import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
NAME = "benchmark"
REDIS_DB = 9


def set_stage() -> None:
    """Make both empty, point the settings at them, and set Django up."""
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "personalization.config.settings"
    os.environ["LOG_LEVEL"] = "ERROR"
    # Counted as ever, but one key sends here what a whole shop would.
    os.environ.setdefault("REQUESTS_A_MINUTE_BY_KEY", "100000000")
    os.environ.setdefault("REQUESTS_A_MINUTE_BY_ADDRESS", "100000000")
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {NAME}")
    os.environ["DATABASE_URL"] = urlsplit(url)._replace(path=f"/{NAME}").geturl()
    os.environ["REDIS_URL"] = re.sub(
        r"((\?|&)db=|/)\d+$", rf"\g<1>{REDIS_DB}", os.environ["REDIS_URL"]
    )
    _migrate()


def _migrate() -> None:
    import django  # noqa: PLC0415  # only once the environment is set

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from consent.keyspaces import patient_redis_connection  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    patient_redis_connection().flushdb()
