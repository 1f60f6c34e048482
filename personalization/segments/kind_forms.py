"""The forms of combinations and score bands, and which form a kind of segment has."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from personalization.segments.kind_form import KindForm
from personalization.segments.kind_rules import FIELDS, band, band_rule, combined, combined_rule
from personalization.segments.list_forms import ListForm
from personalization.segments.models import Kind
from personalization.segments.picking import SegmentsField


class CombineForm(KindForm):
    """Who is in several segments, in one of them, and in none of others."""

    kind = Kind.COMBINED
    extra = tuple(FIELDS)
    in_all = SegmentsField(
        label="In each of these",
        required=False,
        help_text="Intersection: who is in all of them.",
    )
    in_any = SegmentsField(
        label="and in at least one of these",
        required=False,
        help_text="Union: who is in any of them.",
    )
    in_none = SegmentsField(
        label="and in none of these",
        required=False,
        help_text="Difference: leaves out who is in one of them.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name, keys in combined(self.instance.rule).items():
                self.initial[name] = keys

    def raw_rule(self) -> Mapping[str, Any] | None:
        """Return the rule of a combination."""
        rule = combined_rule(
            {name: [one.key for one in self.cleaned_data[name]] for name in FIELDS}
        )
        if rule is None:
            self.add_error("in_all", "Choose at least one segment.")
        return rule


class ScoreForm(KindForm):
    """Who has a score between two numbers; models and nightly tasks write the scores."""

    kind = Kind.PREDICTIVE
    extra = ("score", "low", "high")
    score = forms.CharField(
        label="Score",
        max_length=64,
        widget=UnfoldAdminTextInputWidget({"placeholder": "churn", "list": "score-names"}),
        help_text="The name under which a model keeps it. Who has no such score is not in it.",
    )
    low = forms.FloatField(label="from", widget=UnfoldAdminTextInputWidget())
    high = forms.FloatField(
        label="to", widget=UnfoldAdminTextInputWidget(), help_text="Both ends belong to the band."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.update(band(self.instance.rule))

    def raw_rule(self) -> Mapping[str, Any] | None:
        """Return one condition."""
        low, high = self.cleaned_data["low"], self.cleaned_data["high"]
        if low > high:
            self.add_error("high", "Give the lower number first.")
            return None
        return band_rule(score=self.cleaned_data["score"], low=low, high=high)


FORMS: Final[Mapping[str, type[KindForm]]] = {
    form.kind: form for form in (ListForm, CombineForm, ScoreForm)
}
