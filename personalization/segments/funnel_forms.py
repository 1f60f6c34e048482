"""The form of a funnel: its steps line by line."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string

from personalization.rules.wording import duration_words
from personalization.segments.funnel_steps import FIELDS, MOST_STEPS, BadSteps, read_steps
from personalization.segments.meanwhile import SeenForm
from personalization.segments.models import Funnel
from personalization.segments.suggesting import suggestions


class StepsWidget(forms.Widget):
    """Eight lines of event, category and item."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        """Show the steps, and empty lines for more of them."""
        lines = [*(value if isinstance(value, list) else []), *[{}] * MOST_STEPS][:MOST_STEPS]
        shown = [
            {
                "number": number,
                "fields": [
                    {
                        "name": f"{name}-{number}-{field}",
                        "field": field,
                        "value": line.get(field) or "",
                        "list": LISTS[field],
                    }
                    for field in FIELDS
                ],
            }
            for number, line in enumerate(lines, start=1)
        ]
        context = {"lines": shown, "offered": suggestions()}
        return render_to_string("admin/segments/funnel/steps.html", context)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """Return the lines that are not empty, as they were typed."""
        lines = [
            {field: str(data.get(f"{name}-{number}-{field}", "")).strip() for field in FIELDS}
            for number in range(1, MOST_STEPS + 1)
        ]
        return [line for line in lines if any(line.values())]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Say that the lines are always there."""
        return False


LISTS = {"event": "funnel-events", "category": "funnel-categories", "item": ""}


class StepsField(forms.Field):
    """Steps as a list of objects."""

    widget = StepsWidget

    def clean(self, value: Any) -> Any:
        """Refuse steps that cannot be read, naming the line."""
        try:
            read_steps(value)
        except BadSteps as error:
            raise forms.ValidationError(str(error)) from error
        return [{name: text for name, text in line.items() if text} for line in value]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare without what was left empty."""
        given = [{name: text for name, text in line.items() if text} for line in data or []]
        return bool(given != (initial or []))


class FunnelForm(SeenForm[Funnel]):
    """A funnel with its steps as lines."""

    steps = StepsField(
        help_text="Two to eight, in the order in which visitors take them. Category and item may"
        " stay empty: then any counts."
    )

    class Meta:
        model = Funnel
        fields = ("name", "steps", "window_minutes")

    def saved_state(self) -> Any:
        """Return all of it."""
        return [self.instance.name, self.instance.steps, self.instance.window_minutes]

    def sentences(self, *, is_typed: bool) -> list[str]:
        """Return its name, its steps and their time."""
        steps = " → ".join(step.said for step in read_steps(self.instance.steps))
        within = duration_words(self.instance.window_minutes)
        return [f"Named “{self.instance.name}”.", f"{steps}, within {within}."]
