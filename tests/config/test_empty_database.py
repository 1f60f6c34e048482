"""Everything starts on a database that has no tables yet, as `make demo` does."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.django_db
def test_the_checks_ask_nothing_of_an_empty_database() -> None:
    name = f"{connection.settings_dict['NAME']}_empty"
    url = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(url.geturl(), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
        environment = {
            **os.environ,
            "DATABASE_URL": url._replace(path=f"/{name}").geturl(),
            "REDIS_URL": settings.REDIS_URL,
        }
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "check"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        server.execute(f'DROP DATABASE "{name}"')

    assert done.returncode == 0, done.stderr
