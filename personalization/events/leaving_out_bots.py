"""Leave out what bots do where browsers ask for themselves: counted by door, kept nowhere."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from personalization.events.context import BOT
from personalization.events.counting_refusals import count_refusals
from personalization.events.tracking import Refusal

NOT_A_VISITOR: Final = "The browser says that it is a bot. Its events are counted, and not kept."


def leave_out_bot(types: Sequence[str], *, source: str, now: datetime) -> tuple[Refusal, ...]:
    """Count the events of these types as refused, and return the refusal of each."""
    count_refusals([(kind, BOT) for kind in types], source=source, now=now)
    return tuple(Refusal(index, BOT, NOT_A_VISITOR) for index in range(len(types)))
