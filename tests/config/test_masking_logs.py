"""What the log says of people."""

import logging
import sys

import pytest

from personalization.config.masking_logs import MaskingFormatter


def line_of(message: str, *args: object) -> str:
    record = logging.LogRecord("x", logging.WARNING, "", 0, message, args, None)
    return MaskingFormatter().format(record).partition(" x: ")[2]


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            "Not Found: /api/v1/profiles/email:anna@example.org",
            "Not Found: /api/v1/profiles/email:•••@example.org",
        ),
        ("GET /?q=anna%40example.org HTTP/1.1", "GET /?q=•••@example.org HTTP/1.1"),
        (
            "GET /api/v1/profiles/phone:+442079460018/segments",
            "GET /api/v1/profiles/phone:•••/segments",
        ),
        ("mail to <anna.b@mail.example.org> failed", "mail to <•••@mail.example.org> failed"),
        ("redis://:secret@localhost:6379 at 50 %", "redis://:secret@localhost:6379 at 50 %"),
    ],
)
def test_addresses_are_masked(said: str, line: str) -> None:
    assert line_of("%s", said) == line


def test_an_address_in_a_traceback_is_masked() -> None:
    try:
        raise ValueError("Key (email)=(anna@example.org) exists")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "Broken", (), sys.exc_info())

    line = MaskingFormatter().format(record)
    assert "anna" not in line
    assert "ValueError" in line
