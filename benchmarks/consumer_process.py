"""A consumer as a process of its own, beside what a benchmark measures."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

from stage import ROOT


@contextlib.contextmanager
def consuming() -> Iterator["subprocess.Popen[bytes]"]:
    """Yield a running consumer; it is ended on leaving."""
    consumer = subprocess.Popen(
        [sys.executable, "manage.py", "consume_events"], cwd=ROOT, env=os.environ
    )
    try:
        yield consumer
    finally:
        consumer.send_signal(signal.SIGTERM)
        consumer.wait()
