"""The form in which a schema is written."""

import json
from typing import Any, Final

from django import forms
from django.forms.fields import InvalidJSONInput
from unfold.widgets import UnfoldAdminTextareaWidget

from personalization.events.models import EventSchema
from personalization.events.schema_checking import (
    TOO_DEEP,
    SchemaRefused,
    compile_schema,
    is_too_deep,
)
from personalization.events.validating import TYPE

ROWS: Final = 24


class Indented(json.JSONEncoder):
    """Writes JSON as people read it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "indent": 2})


class SchemaField(forms.JSONField):
    """Takes `{}`, the schema that refuses nothing, for an answer."""

    empty_values = [None, ""]

    def to_python(self, value: Any) -> Any:
        """Refuse what is nested too deep to be read at all."""
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise forms.ValidationError(TOO_DEEP) from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what was typed as it was typed where it is nested too deep to be indented."""
        try:
            read = super().bound_data(data, initial)
        except RecursionError:
            return InvalidJSONInput(data)
        return InvalidJSONInput(data) if is_too_deep(read) else read


class SchemaForm(forms.ModelForm[EventSchema]):
    """Says at the field what is wrong with a schema, before anything is saved."""

    schema = SchemaField(
        encoder=Indented,
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": ROWS, "spellcheck": "false", "style": "font-family: monospace"}
        ),
        help_text=EventSchema._meta.get_field("schema").help_text,
        error_messages={"invalid": "This is not JSON. Look for a missing comma or quote."},
    )

    class Meta:
        model = EventSchema
        fields = ("type", "schema", "note")

    def clean_type(self) -> str:
        """Refuse a type that no event can have, and one that has a schema already."""
        kind = str(self.cleaned_data["type"])
        if not TYPE.fullmatch(kind):
            raise forms.ValidationError(
                "Use small letters, digits and underscores, such as item_view."
            )
        if self.instance.pk is None and EventSchema.objects.filter(type=kind).exists():
            raise forms.ValidationError("This type has a schema. Open it in the list and edit it.")
        return kind

    def clean_schema(self) -> Any:
        """Refuse what does not compile."""
        schema = self.cleaned_data["schema"]
        try:
            compile_schema(schema)
        except SchemaRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return schema
