"""What saved segments are called, and which one is meant by what was typed."""

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from personalization.rules.calling import Names
from personalization.rules.folding import fold
from personalization.segments.models import Segment

OFFERED: Final = 3


class SavedNames(Names):
    """What saved segments are called; all are read at once, when the first is asked for."""

    def __init__(self) -> None:
        super().__init__(lambda: dict(Segment.objects.values_list("key", "name")))

    def key_of(self, text: str) -> str | None:
        """Return the key of the segment with this key, or called so; None where there is none."""
        return text if text in self else self._keys.get(fold(text))

    def refusal(self, text: str) -> str:
        """Say that no segment is called so, and which may be meant."""
        words = fold(text).split()
        likely = [
            called for form, called in self._forms.items() if all(word in form for word in words)
        ]
        offered = ", ".join(f"“{one}”" for one in likely[:OFFERED])
        said = f"There is no segment “{text}”."
        return f"{said} Do you mean {offered}?" if offered else said

    @cached_property
    def _keys(self) -> Mapping[str, str]:
        return {fold(called): key for key, called in self.items()}

    @cached_property
    def _forms(self) -> Mapping[str, str]:
        return {fold(called): called for called in sorted(self.values())}
