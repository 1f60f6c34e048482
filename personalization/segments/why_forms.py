"""What is asked before a segment says why: who, and on what kind of visit."""

from typing import Any, Final

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from personalization.profiles.finding import find_profiles
from personalization.profiles.models import Profile
from personalization.rules.parsing import CONTEXT_NUMBERS, CONTEXT_TEXTS
from personalization.rules.sentences import CONTEXT_LABELS, WEEKDAYS

UNSTATED: Final = ("", "not stated")
NAMES_OF_NUMBERS: Final = {"weekday": WEEKDAYS}


class WhyForm(forms.Form):
    """One profile, and the parts of a visit's context that the rules read."""

    profile = forms.CharField(
        label="Profile",
        max_length=256,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text="A profile number, or a user id, anonymous id or e-mail address in full.",
    )

    def __init__(self, *args: Any, context_names: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in context_names:
            self.fields[_field(name)] = _context_field(name)
        self._context_names = context_names

    def clean_profile(self) -> Profile:
        """Find whom the text leads to."""
        term = self.cleaned_data["profile"]
        found: Profile | None = find_profiles(term=term, among=Profile.objects.all()).first()
        if found is None:
            raise forms.ValidationError("No profile is known by this.")
        return found

    def context(self) -> dict[str, Any]:
        """Return what was stated of the visit."""
        stated = {name: self.cleaned_data.get(_field(name)) for name in self._context_names}
        return {name: value for name, value in stated.items() if value not in ("", None)}

    def visit_fields(self) -> list[forms.BoundField]:
        """Return the fields that state the visit."""
        return [self[_field(name)] for name in self._context_names]


def _field(name: str) -> str:
    return f"visit_{name}"


def _context_field(name: str) -> forms.Field:
    label = CONTEXT_LABELS[name].capitalize()
    if (numbers := CONTEXT_NUMBERS.get(name)) is not None:
        names = NAMES_OF_NUMBERS.get(name)
        choices = [UNSTATED, *((n, names[n] if names else str(n)) for n in numbers)]
        return forms.TypedChoiceField(
            label=label,
            choices=choices,
            coerce=int,
            required=False,
            widget=UnfoldAdminSelectWidget(),
        )
    if texts := CONTEXT_TEXTS.get(name):
        choices = [UNSTATED, *((text, text) for text in texts)]
        return forms.ChoiceField(
            label=label, choices=choices, required=False, widget=UnfoldAdminSelectWidget()
        )
    widget = UnfoldAdminTextInputWidget({"autocomplete": "off", "placeholder": "not stated"})
    return forms.CharField(label=label, required=False, max_length=200, widget=widget)
