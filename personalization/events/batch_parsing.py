"""Read the usual batch straight into its form, and every other body as ever."""

from typing import Any

from personalization.access.parsing import EventsParser
from personalization.events.usual import read_usual


class BatchParser(EventsParser):
    """Spare a batch of usual events the way from JSON to dictionaries and from there to events."""

    def decode(self, body: bytes, *, view: Any) -> Any:
        """Return the decoded body, its events `Usual` where all are; raises ParseError."""
        usual = read_usual(body)
        return super().decode(body, view=view) if usual is None else {"events": usual}
