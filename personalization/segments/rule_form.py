"""How the rows of a rule combine, and the whole rule as JSON for whoever prefers that."""

from typing import Any

from django import forms
from rest_framework.exceptions import ParseError
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)

from personalization.access.parsing import parse_json
from personalization.rules.choices import MATCH_CHOICES
from personalization.rules.parsing import RuleError


class RuleForm(forms.Form):
    """What is asked of a rule as a whole."""

    match = forms.ChoiceField(
        label="Visitors belong to the segment if",
        choices=MATCH_CHOICES,
        widget=UnfoldAdminSelectWidget(),
    )
    use_json = forms.BooleanField(
        label="Use this JSON instead of the conditions above",
        required=False,
        widget=UnfoldBooleanWidget(),
    )
    # Whether somebody typed the JSON, which that of the conditions then never replaces.
    json_typed = forms.BooleanField(required=False, widget=forms.HiddenInput())
    json = forms.CharField(
        label="Rule as JSON",
        required=False,
        max_length=200_000,
        widget=UnfoldAdminTextareaWidget({"rows": 12, "spellcheck": "false"}),
    )

    def parsed_json(self) -> Any:
        """Return the JSON that was typed, adding an error where it is none."""
        try:
            return parse_json(self.cleaned_data["json"].encode())
        except ParseError as error:
            raise RuleError("", str(error.detail).replace("The body", "This")) from error
