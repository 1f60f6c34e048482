"""Keep e-mail addresses and phone numbers out of the log, whoever writes them there."""

import logging
import re
from typing import Final

DOTS: Final = "•••"
# Bounded, so that a long line without an address takes no long time.
EMAIL: Final = re.compile(
    r"[^\s@<>()\[\]\"'`,;:=?&/\\|%]{1,64}(?:@|%40)([\w-]+(?:\.[\w-]+)*\.[^\W\d_][\w-]+)",
    re.IGNORECASE,
)
# As look-ups write them into addresses of pages: phone:+442079460018.
NAMED: Final = re.compile(r"\b(email|phone)(:|%3A)[^\s/?&\"'•]+", re.IGNORECASE)


class MaskingFormatter(logging.Formatter):
    """Format as logging does, tracebacks and all, and mask what names somebody."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line with each address masked but for its domain."""
        line = super().format(record)
        if "@" in line or "%40" in line:
            line = EMAIL.sub(rf"{DOTS}@\1", line)
        return NAMED.sub(rf"\1\2{DOTS}", line)
