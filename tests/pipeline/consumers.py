"""Run consumers as their process would be, forked from one that has loaded Django already.

Reads words from standard input: `start` answers with the process id of a new consumer.
"""

import os
import sys

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415  # once Django is set up

    print("ready", flush=True)  # noqa: T201
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            call_command("consume_events")
            os._exit(0)
        print(child, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
