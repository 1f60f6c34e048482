"""Forms that notice what somebody else saved while they were open."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import zip_longest
from typing import Any, Final, TypeVar

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils import timezone

from personalization.segments.calling import SavedNames
from personalization.segments.differing import Line, compare_sentences, describe_segment
from personalization.segments.models import HistoryEntry, Segment
from personalization.segments.naming import unseen_in

# The hidden field with what was seen when the form was opened, and the box that saves all the same.
SEEN: Final = "seen"
ANYWAY: Final = "seen-anyway"
CHANGED: Final = "Not saved: somebody else saved this while you had it open. Look below."
MICROSECONDS: Final = 1_000_000
# Of a time in microseconds: the year 2286.
MOST_DIGITS: Final = 16

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did."""

    by: str
    at: datetime
    said: str


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What others did since the form was opened, and what is saved now beside what was typed."""

    deeds: Sequence[Deed]
    lines: Sequence[Line]


class SeenForm(forms.ModelForm[Row]):
    """A form that is refused once where what it was opened with is no longer what is saved."""

    meanwhile: Meanwhile | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Read before anything that was typed is put into it.
        self._saved_sentences = self.sentences(is_typed=False) if self.instance.pk else []
        self._digest = _digest(self.saved_state()) if self.instance.pk else ""

    def saved_state(self) -> Any:
        """Return all that the form can change, as JSON."""
        raise NotImplementedError

    def sentences(self, *, is_typed: bool) -> list[str]:
        """Return the row, as it is in memory, in sentences: as it is saved, or as it was typed."""
        raise NotImplementedError

    def deeds_since(self, moment: datetime) -> list[Deed]:
        """Return who saved it since then, the latest first."""
        of_it = {
            "content_type": ContentType.objects.get_for_model(self.instance),
            "object_id": str(self.instance.pk),
        }
        entries = LogEntry.objects.filter(**of_it, action_time__gt=moment).select_related("user")
        return [
            Deed(one.user.get_username(), one.action_time, one.get_change_message())
            for one in entries
        ]

    @property
    def current(self) -> str:
        """What is saved now, and that it was seen now; nothing for a row that is not saved yet."""
        if not self._digest:
            return ""
        return f"{self._digest}.{int(timezone.now().timestamp() * MICROSECONDS)}"

    @property
    def seen(self) -> str:
        """What was seen when the form was opened."""
        return str(self.data.get(SEEN) or self.current)

    def clean_name(self) -> str:
        """Refuse what nobody sees, or what makes it read as another name."""
        return self._seen_text("name")

    def clean_description(self) -> str:
        """Refuse the same, but for lines."""
        return self._seen_text("description", has_lines=True)

    def _seen_text(self, field: str, *, has_lines: bool = False) -> str:
        text = str(self.cleaned_data.get(field) or "")
        problem = unseen_in(text, has_lines=has_lines)
        if problem:
            raise forms.ValidationError(problem)
        return text

    def _post_clean(self) -> None:
        """Compare when all that was typed is in the row."""
        super()._post_clean()  # type: ignore[misc]
        digest, _, opened = self.seen.partition(".")
        if not self._digest or self._digest in (digest, self._knows()):
            return
        typed = [] if self.errors else self.sentences(is_typed=True)
        pairs = zip_longest(self._saved_sentences, typed, fillvalue="")
        self.meanwhile = Meanwhile(
            deeds=self.deeds_since(_moment(opened)),
            lines=[compare_sentences(*pair) for pair in pairs],
        )
        self.add_error(None, CHANGED)

    def _knows(self) -> str:
        return str(self.data.get(ANYWAY, "")).partition(".")[0]


class SeenSegmentForm(SeenForm[Segment]):
    """A form of a segment of any kind."""

    def saved_state(self) -> Any:
        """Return its names and its rule."""
        return {**self.instance.definition(), "description": self.instance.description}

    def sentences(self, *, is_typed: bool) -> list[str]:
        """Return its name, its rule, and what it is for."""
        use = self.instance.description
        said = describe_segment(self.instance.definition(), {}, self._names)
        return [*said, f"For: {use}"] if use else said

    @cached_property
    def _names(self) -> SavedNames:
        return SavedNames()

    def deeds_since(self, moment: datetime) -> list[Deed]:
        """Return what was done to it in the admin, by the API and otherwise."""
        entries = HistoryEntry.objects.filter(key=self.instance.key, at__gt=moment)
        return [Deed(one.by, one.at, one.said) for one in entries]


def _digest(state: Any) -> str:
    text = json.dumps(state, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _moment(text: str) -> datetime:
    is_time = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return datetime.fromtimestamp(int(text) / MICROSECONDS if is_time else 0, UTC)
