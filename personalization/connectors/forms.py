"""The connection's form in the admin: what all have, and what its kind of source asks for."""

from typing import Any

from django import forms
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from personalization.connectors.confiding import confide, forget
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
    """A connection with the settings of its kind; `setting_names` are those of the kind's form.

    The secret is asked for and never shown.
    """

    setting_names: tuple[str, ...] = ()
    secret = forms.CharField(
        required=False,
        max_length=4_000,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )
    forget_secret = forms.BooleanField(
        required=False, widget=UnfoldBooleanWidget(), help_text="Keep no secret here any more."
    )

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
        if secret := self.fields.get("secret"):  # who may only look has no fields
            secret.help_text = " ".join((connector.secret_help, _kept(self.instance)))
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
        if cleaned.get("secret") and (
            cleaned.get("secret_variable") or cleaned.get("forget_secret")
        ):
            self.add_error("secret", "Say one of it: a secret to keep here, or that there is none.")
        return cleaned

    def save(self, commit: bool = True) -> Connection:
        """Seal the secret; one that is in the environment is not kept here too."""
        if secret := self.cleaned_data.get("secret"):
            confide(self.instance, secret, now=timezone.now())
        elif self.cleaned_data.get("forget_secret") or self.instance.secret_variable:
            forget(self.instance)
        return super().save(commit)


def _kept(connection: Connection) -> str:
    if connection.secret_set_at is None:
        return "It is kept encrypted and not shown again."
    return f"Set on {connection.secret_set_at:%-d %b %Y, %H:%M}. Empty keeps the one that is there."


def form_for(kind: str) -> type[ConnectionForm]:
    """Return the form of connections of this kind."""
    fields = CONNECTORS[kind].form.base_fields
    return type("ConnectionForm", (ConnectionForm,), {**fields, "setting_names": tuple(fields)})
