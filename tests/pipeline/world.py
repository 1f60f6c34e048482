"""Servers and consumers of a test's own, to be killed at will."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

ROOT = Path(__file__).resolve().parent.parent.parent
START = """
import json, sys, pathlib, resource
sys.path.insert(0, "deploy")
import servers
var, limit = pathlib.Path(sys.argv[1]), int(sys.argv[2])
valkey = servers.start_valkey(var)
if limit:
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
postgres = servers.start_postgres(var)
print(json.dumps({"DATABASE_URL": postgres, "REDIS_URL": valkey}))
"""
STOP = """
import sys, pathlib
sys.path.insert(0, "deploy")
import servers
servers.stop(pathlib.Path(sys.argv[1]))
"""
PATIENCE_SECONDS = 120


def until(holds: Callable[[], Any], *, what: str) -> None:
    """Wait until it holds, and fail when it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"never came true: {what}"
        time.sleep(0.02)


@dataclass
class World:
    """A PostgreSQL, a Valkey, and the consumers between them."""

    var: Path
    environment: dict[str, str]
    nursery: "subprocess.Popen[str]"
    consumers: list[int] = field(default_factory=list)

    def manage(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a management command; what it says goes to a file of the world."""
        with (self.var / "manage.log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def start_consumer(self) -> None:
        """Start one more consumer process."""
        assert self.nursery.stdin
        assert self.nursery.stdout
        self.nursery.stdin.write("start\n")
        self.nursery.stdin.flush()
        self.consumers.append(int(self.nursery.stdout.readline()))

    def kill_consumer(self, which: int) -> None:
        """Kill a consumer as nobody can prepare for."""
        os.kill(self.consumers.pop(which), signal.SIGKILL)

    def kill_valkey(self) -> None:
        """Kill Valkey, and start it again from its append-only file."""
        socket = str(self.var / "valkey.sock")
        for process in psutil.process_iter(["name", "cmdline"]):
            if any(socket in part for part in process.info["cmdline"] or ()):
                process.kill()
                process.wait(10)
        self.start_servers()

    def crash_postgres(self, *, file_bytes: int = 0) -> None:
        """Let PostgreSQL break off everything at once, and start it again."""
        pid = (self.var / "postgres" / "postmaster.pid").read_text().split()[0]
        postmaster = psutil.Process(int(pid))
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(30)
        self.start_servers(file_bytes=file_bytes)

    def start_servers(self, *, file_bytes: int = 0) -> None:
        """Start what does not run; `file_bytes`: no file of PostgreSQL may grow beyond."""
        self.environment |= json.loads(self._run(START, str(file_bytes)))

    def stop(self) -> None:
        """End everything."""
        for consumer in self.consumers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(consumer, signal.SIGKILL)
        self.nursery.kill()
        self.nursery.communicate()
        self._run(STOP)

    def redis(self) -> Any:
        """Return a client of this Valkey."""
        return redis.Redis.from_url(self.environment["REDIS_URL"], protocol=2)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Return what this PostgreSQL answers."""
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            return connection.execute(statement.encode()).fetchall()

    def configure(self, *statements: str) -> None:
        """Run statements that no transaction may hold."""
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def _run(self, code: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code, str(self.var), *arguments],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=120,
        )
        return done.stdout


@contextlib.contextmanager
def new_world(var: Path) -> Iterator[World]:
    """Yield servers of their own with an empty, migrated database; all is ended on leaving."""
    environment = os.environ | {"LOG_LEVEL": "CRITICAL"}
    environment["DJANGO_SETTINGS_MODULE"] = "personalization.config.settings"
    world = World(var, environment, nursery=None)  # type: ignore[arg-type]  # two lines below
    world.start_servers()
    # Rows then stay where they were written, and show in which order that was.
    world.configure("ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()")
    world.nursery = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "consumers.py")],
        cwd=ROOT,
        env=world.environment | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        migrated = world.manage("migrate", "--verbosity", "0")
        assert migrated.wait(120) == 0, (var / "manage.log").read_text()
        assert world.nursery.stdout
        assert world.nursery.stdout.readline() == "ready\n"
        yield world
    finally:
        world.stop()
