"""Choose segments among thousands: by searching, and without JavaScript by typing their names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any, Final

from django import forms
from django.db.models import Case, Q, Value, When
from django.forms.widgets import Script
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.widgets import INPUT_CLASSES

from personalization.segments.calling import SavedNames
from personalization.segments.models import Segment

SHOWN: Final = 20
SEPARATOR: Final = ";"


@dataclass(frozen=True, slots=True)
class Picked:
    """What the form sent: the keys that are ticked, and what was typed besides."""

    keys: tuple[str, ...]
    typed: str = ""


class SegmentPicker(forms.Widget):
    """The segments chosen so far as check boxes, and a field to search for more."""

    template_name = "admin/segments/picker.html"
    most: int | None = None

    class Media:
        css = {"all": ("segments/picker.css",)}
        js = ("segments/search.js", Script("segments/picker.js", defer=True))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Picked:
        """Return what was ticked and typed."""
        keys = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or ()
        return Picked(tuple(filter(None, keys)), data.get(f"{name}-typed", "").strip())

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Never: nothing ticked is a choice too."""
        return False

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Render with the project's templates, which those of forms do not look among."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the names of what is chosen, and what was typed."""
        picked = value if isinstance(value, Picked) else Picked(tuple(value or ()))
        names = dict(Segment.objects.filter(key__in=picked.keys).values_list("key", "name"))
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["chosen"] = [(key, names[key]) for key in picked.keys if key in names]
        context["typed"] = picked.typed
        context["classes"] = " ".join(INPUT_CLASSES)
        context["most"] = self.most or ""
        stated = context["widget"]["attrs"]
        context["described"] = [one for one in stated.items() if one[0].startswith("aria-")]
        return context


class SegmentsField(forms.Field):
    """Some segments, in the order of their names; `most` of them if so many may be chosen."""

    widget = SegmentPicker

    def __init__(self, *, most: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most
        self.widget.most = most

    def clean(self, value: Picked) -> list[Segment]:
        """Return the segments; refuses names that are none, and too many."""
        keys = {*value.keys, *_keys_of(value.typed)}
        found = list(Segment.objects.filter(key__in=keys))
        if missing := keys - {one.key for one in found}:
            raise forms.ValidationError(f"There is no segment “{min(missing)}”.")
        if self.required and not found:
            raise forms.ValidationError("Choose a segment.")
        if self.most is not None and len(found) > self.most:
            raise forms.ValidationError(f"Choose at most {self.most}.")
        return found


def segments_named(text: str) -> tuple[Sequence[Segment], bool]:
    """Return the first segments with all these words in name or key, and whether there are more.

    Those whose name begins with the text come first.
    """
    words = (Q(name__icontains=word) | Q(key__icontains=word) for word in text.split())
    begins = Case(When(name__istartswith=text.strip(), then=Value(0)), default=Value(1))
    asked = Segment.objects.filter(reduce(and_, words, Q())).order_by(begins, "name")
    found = list(asked.only("key", "name", "kind")[: SHOWN + 1])
    return found[:SHOWN], len(found) > SHOWN


def _keys_of(typed: str) -> Iterable[str]:
    """Return the keys of segments that were typed; raises ValidationError."""
    if not typed:
        return []
    names = SavedNames()
    # A name may have the separator in it.
    whole = names.key_of(typed)
    if whole is not None:
        return [whole]
    parts = [part.strip() for part in typed.split(SEPARATOR) if part.strip()]
    keys = {part: names.key_of(part) for part in parts}
    if unknown := [part for part, key in keys.items() if key is None]:
        raise forms.ValidationError(names.refusal(unknown[0]))
    return [key for key in keys.values() if key is not None]
