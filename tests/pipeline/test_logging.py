"""What the consumer's log says of what cannot be stored."""

import pytest
from msgspec.structs import replace

from personalization.events.validating import validate
from personalization.streams import stream
from tests.factories import NOON, agree, make_event
from tests.pipeline.test_consuming import consume

pytestmark = pytest.mark.django_db


def test_the_log_does_not_quote_what_cannot_be_stored(caplog: pytest.LogCaptureFixture) -> None:
    agree(user_id="anna")
    event = replace(validate(make_event(), now=NOON), type="of_a_stranger" * 9)
    stream.append([("anna", event)])

    consume()

    assert "tried one by one" in caplog.text
    assert "too long" in caplog.text
    assert "of_a_stranger" not in caplog.text
