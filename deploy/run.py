"""Run one command with both servers up: `python deploy/run.py COMMAND [ARG ...]`."""

import os
import signal
import subprocess
import sys

from environment import local_environment
from processes import end_left_behind
from servers import VAR, running, stop


def main() -> int:
    if sys.argv[1:] == ["--stop"]:
        end_left_behind(VAR)
        stop()
        return 0
    signal.signal(signal.SIGTERM, lambda signum, frame: sys.exit(128 + signum))
    with running() as addresses:
        environment = os.environ | local_environment(VAR) | dict(addresses)
        return subprocess.call(sys.argv[1:], env=environment)


if __name__ == "__main__":
    raise SystemExit(main())
