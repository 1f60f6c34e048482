"""Forms about golden visitors."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from personalization.segments.models import GoldenVisitor


class GoldenNameForm(forms.ModelForm[GoldenVisitor]):
    """The name under which a profile is frozen."""

    class Meta:
        model = GoldenVisitor
        fields = ("name",)
        widgets = {"name": UnfoldAdminTextInputWidget({"autocomplete": "off"})}


class GoldenVisitorForm(forms.ModelForm[GoldenVisitor]):
    """What is expected of a golden visitor."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse to expect both."""
        cleaned = self.cleaned_data
        both = set(cleaned.get("belongs_to", ())) & set(cleaned.get("stays_out_of", ()))
        if both:
            names = ", ".join(sorted(str(one) for one in both))
            self.add_error("stays_out_of", f"Nobody is in and out of the same segment: {names}.")
        return cleaned
