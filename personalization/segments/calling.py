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
        """Return the key of the one segment with this key or name; None where none is meant alone.

        Letter case matters only where names differ by nothing else.
        """
        exactly = self._exactly(text)
        if exactly:
            return exactly[0] if len(exactly) == 1 else None
        return self._keys.get(fold(text))

    def refusal(self, text: str) -> str:
        """Say that no segment is called so, or two are, and which may be meant."""
        either = [self[key] for key in self._exactly(text)]
        words = fold(text).split()
        likely = either or [
            called for form, called in self._forms.items() if all(word in form for word in words)
        ]
        offered = ", ".join(f"“{one}”" for one in likely[:OFFERED])
        said = f"There is no segment “{text}”."
        if either:
            said = f"Two segments may be meant by “{text}”."
        return f"{said} Do you mean {offered}?" if offered else said

    def _exactly(self, text: str) -> list[str]:
        """Return the key of the segment with this very key, and of the one with this very name."""
        keys = [text, self._by_name.get(text)]
        return list(dict.fromkeys(key for key in keys if key is not None and key in self))

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        return {name: key for key, name in self.own.items()}

    @cached_property
    def _keys(self) -> Mapping[str, str]:
        return {fold(called): key for key, called in self.items()}

    @cached_property
    def _forms(self) -> Mapping[str, str]:
        return {fold(called): called for called in sorted(self.values())}
