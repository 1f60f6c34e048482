"""The form in which a marketer writes a rule."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import QueryDict
from rest_framework.exceptions import ParseError
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from personalization.access.parsing import parse_json
from personalization.segments.choices import (
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
from personalization.segments.contradictions import find_contradictions
from personalization.segments.models import Segment, saved_rule
from personalization.segments.references import inlined
from personalization.segments.rows import Row, condition_of, row_of, rows_of
from personalization.segments.rules import (
    MAX_CONDITIONS,
    Rule,
    RuleError,
    parse_condition,
    parse_rule,
)
from personalization.segments.suggesting import Suggestions
from personalization.segments.vocabulary import OPERATORS_OF, PARAMETERS, VALUE_KINDS

PREFIX: Final = "rule"
SPARE_ROWS: Final = 3
# What the script of the form knows of the rule language.
VOCABULARY: Final = {
    "parameters": PARAMETERS,
    "operators": OPERATORS_OF,
    "values": VALUE_KINDS,
}


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
    """One condition; a row without a fact is no condition."""

    fact = forms.CharField(label="Fact", required=False, widget=UnfoldAdminSelectWidget())
    name = _text("Name")
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
    # What is odd about it, though it may be saved.
    warnings: tuple[str, ...] = ()

    def __init__(self, *args: Any, traits: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = str(self["fact"].value() or "")
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

    def clean(self) -> dict[str, Any]:
        """Check the condition as the rule language does, and blame the field it blames."""
        cleaned = self.cleaned_data
        if not cleaned.get("fact") or self.errors:
            return cleaned
        condition = condition_of(cleaned)
        try:
            parse_condition(condition)
        except RuleError as error:
            field = error.field_path.partition("[")[0]
            is_named = field == "name" and bool(cleaned["fact"].partition(":")[2])
            self.add_error("fact" if is_named or field not in self.fields else field, error.message)
        return {**cleaned, "condition": condition}


ConditionFormSet = forms.formset_factory(
    ConditionForm, extra=SPARE_ROWS, max_num=MAX_CONDITIONS, absolute_max=MAX_CONDITIONS + 10
)


class RuleForm(forms.Form):
    """How the rows combine, and the whole rule as JSON for what rows cannot show."""

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


@dataclass(frozen=True, slots=True)
class RuleBuilder:
    """The two forms that together state a rule."""

    rule_form: RuleForm
    rows: Any
    suggestions: Suggestions
    key: str = ""

    @classmethod
    def showing(cls, raw: Any, suggestions: Suggestions) -> "RuleBuilder":
        """Return a builder that shows a stored rule, or nothing yet."""
        shown = rows_of(raw) if raw else ("all", [])
        match, rows = shown or ("all", [])
        initial = {"match": match, "use_json": shown is None, "json": _pretty(raw)}
        forms_of_rows = _rows(suggestions, initial=rows)
        if shown and rows:
            _warn(forms_of_rows, raw)
        return cls(RuleForm(prefix=PREFIX, initial=initial), forms_of_rows, suggestions)

    @classmethod
    def sent(
        cls, data: QueryDict | Mapping[str, Any], suggestions: Suggestions, *, key: str = ""
    ) -> "RuleBuilder":
        """Return a builder with what the browser sent for the segment with this key."""
        rule_form = RuleForm(data, prefix=PREFIX)
        return cls(rule_form, _rows(suggestions, data=data), suggestions, key)

    @property
    def vocabulary(self) -> Mapping[str, Any]:
        """What the form's script shows and hides by."""
        return VOCABULARY

    def raw_rule(self) -> dict[str, Any] | None:
        """Return the rule as JSON, or None after adding errors where they belong."""
        if not self.rule_form.is_valid():
            return None
        return self._from_json() if self.rule_form.cleaned_data["use_json"] else self._from_rows()

    def parsed_rule(self) -> Rule | None:
        """Return the rule as values, or None after adding errors where they belong."""
        raw = self.raw_rule()
        return None if raw is None else parse_rule(raw)

    def errors(self) -> Iterator[str]:
        """Yield what is wrong with the rule as a whole; rows show their own errors."""
        for messages in self.rule_form.errors.values():
            yield from map(str, messages)
        yield from map(str, self.rows.non_form_errors())

    def row_warnings(self) -> dict[str, tuple[str, ...]]:
        """Return what is odd about rows, by the prefix of their fields."""
        return {row.prefix: row.warnings for row in self.rows if row.warnings}

    def _from_json(self) -> dict[str, Any] | None:
        try:
            raw: dict[str, Any] = self.rule_form.parsed_json()
            self._check(raw)
        except RuleError as error:
            self.rule_form.add_error("json", str(error))
            return None
        return raw

    def _from_rows(self) -> dict[str, Any] | None:
        if not self.rows.is_valid():
            return None
        filled = [row for row in self.rows if "condition" in row.cleaned_data]
        conditions = [row.cleaned_data["condition"] for row in filled]
        raw = {self.rule_form.cleaned_data["match"]: conditions}
        try:
            self._check(raw)
        except RuleError as error:
            number = row_of(error.field_path)
            if number is None:
                self.rule_form.add_error("match", error.message)
            else:
                filled[number].add_error("value", error.message)
            return None
        _warn(filled, raw)
        return raw

    def _check(self, raw: Any) -> None:
        inlined(parse_rule(raw), resolve=saved_rule, key=self.key)


class SegmentForm(forms.ModelForm[Segment]):
    """A segment's names, with its rule checked beside them."""

    builder: RuleBuilder

    class Meta:
        model = Segment
        fields = ("name", "description")
        widgets = {"description": UnfoldAdminTextareaWidget({"rows": 2})}

    def clean(self) -> dict[str, Any] | None:
        """Take over the rule, or refuse the form."""
        raw = self.builder.raw_rule()
        if raw is None:
            self.add_error(None, "The conditions are not complete. Look below.")
        else:
            self.instance.rule = raw
        return self.cleaned_data


def _rows(suggestions: Suggestions, data: Any = None, initial: list[Row] | None = None) -> Any:
    return ConditionFormSet(
        data,
        prefix=PREFIX,
        initial=initial,
        form_kwargs={"traits": tuple(suggestions.traits)},
    )


def _warn(rows: Sequence[ConditionForm], raw: Any) -> None:
    """Give each row what is odd about its condition; `rows` are those with one, in order."""
    try:
        findings = find_contradictions(parse_rule(raw))
    except RuleError:
        # Stored by an older version; the panel says what is wrong with it.
        return
    for row in rows:
        row.warnings = ()
    for finding in findings:
        number = row_of(finding.path)
        if number is not None:
            rows[number].warnings += (finding.message,)


def _pretty(raw: Any) -> str:
    return json.dumps(raw, indent=2, ensure_ascii=False) if raw else ""
