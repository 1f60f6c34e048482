"""The steps of a funnel, read from JSON or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from personalization.rules.wording import event_noun

FEWEST_STEPS: Final = 2
MOST_STEPS: Final = 8
MOST_LETTERS: Final = 64
FIELDS: Final = ("event", "category", "item")


class BadSteps(ValueError):
    """What was given are no steps; the message says which, to a marketer."""


@dataclass(frozen=True, slots=True)
class Step:
    """An event that counts as this step; of any category and item where none is named."""

    event: str
    category: str = ""
    item: str = ""

    @property
    def said(self) -> str:
        """The step in English."""
        of = f" of item {self.item}" if self.item else ""
        within = f" in {self.category}" if self.category else ""
        return f"{event_noun(self.event, is_one=True)}{of}{within}"


def read_steps(raw: Any) -> tuple[Step, ...]:
    """Return the steps; raises BadSteps."""
    if not isinstance(raw, list) or not FEWEST_STEPS <= len(raw) <= MOST_STEPS:
        raise BadSteps(f"Name {FEWEST_STEPS} to {MOST_STEPS} steps.")
    return tuple(_step(one, number) for number, one in enumerate(raw, start=1))


def _step(raw: Any, number: int) -> Step:
    if not isinstance(raw, Mapping) or not set(raw) <= set(FIELDS):
        raise BadSteps(f"Step {number} has event, category and item, and nothing else.")
    texts = {name: raw.get(name) or "" for name in FIELDS}
    for name, text in texts.items():
        if not isinstance(text, str) or len(text) > MOST_LETTERS or not text.isprintable():
            raise BadSteps(f"Step {number}: use at most {MOST_LETTERS} characters for the {name}.")
    step = Step(**{name: text.strip() for name, text in texts.items()})
    if not step.event:
        raise BadSteps(f"Step {number}: name the event, such as purchase.")
    return step
