"""What the tests of the front doors share."""

from collections.abc import Callable

import pytest

from personalization.pipeline.consuming import consume_once
from personalization.streams.stream import Reader


@pytest.fixture
def consume() -> Callable[[], None]:
    """Return what the consumer process does until nothing waits."""

    def run() -> None:
        reader = Reader(range(4))
        while consume_once(reader):
            pass

    return run
