"""The connection's form in the admin: what all have, and what its kind of source asks for."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from personalization.connectors.kinds import CONNECTORS
from personalization.connectors.models import Connection

MAPPING_ROWS = 20


class NewConnectionForm(forms.ModelForm[Connection]):
    """A new connection: name, and kind of source; the rest is asked for on the next page."""

    kind = forms.ChoiceField(
        choices=lambda: [(key, one.title) for key, one in CONNECTORS.items()],
        help_text="It decides what is asked for next, and cannot be changed later.",
        widget=UnfoldAdminSelectWidget(),
    )

    class Meta:
        model = Connection
        fields = ("name", "key", "kind")


class ConnectionForm(forms.ModelForm[Connection]):
    """A connection with the settings of its kind; `setting_names` are those of the kind's form."""

    setting_names: tuple[str, ...] = ()

    class Meta:
        model = Connection
        fields = (
            "name",
            "key",
            "secret_variable",
            "mapping",
            "vouched_purposes",
            "every_minutes",
            "is_active",
            "cursor",
        )
        widgets = {
            "vouched_purposes": UnfoldAdminTextInputWidget(),
            "mapping": UnfoldAdminTextareaWidget(
                attrs={"rows": MAPPING_ROWS, "spellcheck": "false", "class": "font-mono"}
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        connector = CONNECTORS[self.instance.kind]
        if secret := self.fields.get("secret_variable"):  # who may only look has no fields
            secret.help_text = f"{connector.secret_help} {secret.help_text}"
        for name in set(self.setting_names) & set(self.fields):
            self.fields[name].initial = self.instance.settings.get(name, self.fields[name].initial)

    def clean(self) -> dict[str, Any]:
        """Judge the settings as their own form does, and keep them with the connection."""
        cleaned = super().clean() or {}
        stated = {name: cleaned.get(name, "") for name in self.setting_names}
        own = CONNECTORS[self.instance.kind].form(data=stated)
        for name, errors in own.errors.items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, list(errors))
        self.instance.settings = stated
        return cleaned


def form_for(kind: str) -> type[ConnectionForm]:
    """Return the form of connections of this kind."""
    fields = CONNECTORS[kind].form.base_fields
    return type("ConnectionForm", (ConnectionForm,), {**fields, "setting_names": tuple(fields)})
