"""One row of the rule form: a condition, or a group that the rows behind it are in."""

import re
from typing import Any, Final

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from personalization.rules.choices import (
    BEHAVIOUR_CHOICES,
    CONTEXT_CHOICES,
    GROUP_CHOICES,
    MATCH_CHOICES,
    OF_CHOICES,
    OPERATOR_CHOICES,
    OTHER_TRAIT,
    OWN_CHOICES,
    PERSON_CHOICES,
)
from personalization.rules.parsing import MAX_CONDITIONS, RuleError, parse_condition
from personalization.rules.vocabulary import MEMBER, VALUE_KINDS
from personalization.segments.calling import SavedNames
from personalization.segments.distributing import Distribution, can_be_spread
from personalization.segments.explaining import DESCRIPTIONS
from personalization.segments.rows import Row, blamed_field, condition_of, shown_fields

# A row is a condition or a group.
MOST_ROWS: Final = 2 * MAX_CONDITIONS
NUMBERS: Final = ("number", "range")
# A comma sets thousands apart here.
DECIMAL_COMMA: Final = re.compile(r"-?\d+,\d+")
POINT: Final = "Write it with a point, as in 12.5."
# What a browser makes of fields, by the kind of value asked for.
INPUT_TYPES: Final = {"date": "date", "times": "time"}


def _text(label: str, *, suggestions: str = "", hint: str = "") -> forms.CharField:
    attrs = {"list": suggestions, "autocomplete": "off", "placeholder": hint}
    filled = {name: value for name, value in attrs.items() if value}
    return forms.CharField(
        label=label, required=False, max_length=2_000, widget=UnfoldAdminTextInputWidget(filled)
    )


def _whole(label: str, unit: str, *, hint: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        widget=UnfoldAdminTextInputWidget({"inputmode": "numeric", "placeholder": hint}),
        error_messages={"invalid": f"Use a whole number of {unit}."},
    )


class ConditionForm(forms.Form):
    """One condition or group; a row without a fact, and a group without one, state nothing."""

    group = forms.ChoiceField(
        label="This holds if",
        required=False,
        choices=MATCH_CHOICES,
        widget=UnfoldAdminSelectWidget(choices=MATCH_CHOICES),
    )
    depth = forms.CharField(required=False, widget=forms.HiddenInput())
    fact = forms.CharField(label="Fact", required=False, widget=UnfoldAdminSelectWidget())
    name = _text("Name", suggestions="rule-names")
    of = forms.ChoiceField(
        label="Different",
        required=False,
        choices=OF_CHOICES,
        widget=UnfoldAdminSelectWidget(choices=OF_CHOICES),
    )
    event = _text("Event", suggestions="rule-events", hint="purchase")
    category = _text("In category", suggestions="rule-categories", hint="any")
    then = _text("Followed by", suggestions="rule-events", hint="purchase")
    then_category = _text("In category, too", suggestions="rule-categories", hint="any")
    minutes = _whole("Within … minutes", "minutes", hint="60")
    days = _whole("In the last … days", "days", hint="ever")
    operator = forms.CharField(label="Compare", required=False, widget=UnfoldAdminSelectWidget())
    value = _text("Value")
    values = forms.CharField(
        label="Values",
        required=False,
        max_length=200_000,
        widget=UnfoldAdminTextareaWidget(
            {"rows": 3, "spellcheck": "false", "placeholder": "Type, or paste from a spreadsheet"}
        ),
    )
    low = _text("From")
    high = _text("To")
    latitude = _text("Latitude", hint="51.51")
    longitude = _text("Longitude", hint="-0.13")
    km = _text("Kilometres", hint="25")
    # What is odd about it, though it may be saved.
    warnings: tuple[str, ...] = ()
    # How the fact is spread over the profiles, where that was asked for.
    distribution: Distribution | None = None

    def __init__(
        self, *args: Any, names: SavedNames, traits: tuple[str, ...] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._names = names
        chosen = self._typed("fact")
        if chosen.startswith("trait:") and chosen != OTHER_TRAIT[0]:
            traits = tuple(sorted({*traits, chosen.removeprefix("trait:")}))
        self.fields["operator"].widget.choices = OPERATOR_CHOICES
        self.fields["fact"].widget.choices = [
            ("", "Choose …"),
            ("Behaviour", BEHAVIOUR_CHOICES),
            ("Traits", [*((f"trait:{name}", name) for name in traits), OTHER_TRAIT]),
            ("Person", [*PERSON_CHOICES, *OWN_CHOICES]),
            ("This visit", CONTEXT_CHOICES),
            ("Groups", GROUP_CHOICES),
        ]
        asked = INPUT_TYPES.get(VALUE_KINDS.get(self._typed("operator"), ""), "text")
        for field in ("value", "low", "high"):
            self.fields[field].widget.input_type = asked

    @property
    def match(self) -> str:
        """How those in it combine, where it is a group."""
        return self._typed("group")

    @property
    def is_filled(self) -> bool:
        """Whether it states a condition."""
        return not self.match and bool(self._typed("fact"))

    @property
    def number(self) -> int:
        """Its number among the rows."""
        return int(str(self.prefix).rpartition("-")[2])

    @property
    def is_spreadable(self) -> bool:
        """Whether the spread of its fact helps to find a threshold."""
        fact, asked = self._typed("fact"), VALUE_KINDS.get(self._typed("operator"), "scalar")
        is_number = asked in NUMBERS or (asked == "scalar" and not fact.startswith("trait:"))
        return is_number and can_be_spread(fact)

    @property
    def takes_range(self) -> bool:
        """Whether it asks for a lowest and a highest number."""
        return "low" in self.shown()

    @property
    def about(self) -> str:
        """What its fact is."""
        return DESCRIPTIONS.get(self._typed("fact"), "")

    @property
    def segment_key(self) -> str:
        """The key of the segment it names; nothing where it names none."""
        if self._typed("operator") not in MEMBER or "value" not in self.shown():
            return ""
        return self._names.key_of(self._typed("value")) or ""

    def shown(self) -> frozenset[str]:
        """Return the fields that its fact and operator ask for."""
        return shown_fields(self._typed("fact"), self._typed("operator"))

    def typed(self) -> Row:
        """Return the row as it was typed, so that it can be shown again."""
        return {name: self._typed(name) for name in self.fields}

    def clean(self) -> dict[str, Any]:
        """Check the condition as the rule language does, and blame the field it blames."""
        cleaned = self.cleaned_data
        if not self.is_filled:
            self._forgive(set())
            return cleaned
        self._forgive(self.shown())
        if self.errors:
            return cleaned
        condition = condition_of(cleaned)
        if condition["operator"] in MEMBER and condition["value"]:
            typed = str(condition["value"])
            condition["value"] = self._names.key_of(typed)
            if condition["value"] is None:
                self.blame("value", self._names.refusal(typed))
                return cleaned
        try:
            parse_condition(condition)
        except RuleError as error:
            self.blame(error.field_path, error.message)
        return {**cleaned, "condition": condition}

    def blame(self, place: str, message: str) -> None:
        """Show an error at the field for a place in the condition, such as `value[1]`."""
        field = blamed_field(place, self._typed("operator"))
        if field in self.fields and DECIMAL_COMMA.fullmatch(self._typed(field).strip()):
            message = f"{message} {POINT}"
        is_named = field == "name" and "name" not in self.shown()
        self.add_error("fact" if is_named or field not in self.fields else field, message)

    def _forgive(self, shown: set[str] | frozenset[str]) -> None:
        """Forget what is wrong with fields that nobody sees."""
        for name in [name for name in self.errors if name not in shown]:
            del self.errors[name]

    def _typed(self, name: str) -> str:
        value = self[name].value()
        return "" if value is None else str(value)


ConditionFormSet = forms.formset_factory(
    ConditionForm, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS
)
