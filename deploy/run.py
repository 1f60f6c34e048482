"""Run one command with both servers up: `python deploy/run.py COMMAND [ARG ...]`."""

import os
import subprocess
import sys

from environment import local_environment
from servers import VAR, running, stop


def main() -> int:
    if sys.argv[1:] == ["--stop"]:
        stop()
        return 0
    with running() as addresses:
        environment = os.environ | local_environment(VAR) | dict(addresses)
        return subprocess.call(sys.argv[1:], env=environment)


if __name__ == "__main__":
    raise SystemExit(main())
