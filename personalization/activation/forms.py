"""Destinations and triggers as forms."""

import base64
import binascii
from typing import Any

from django import forms
from django.conf import settings
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget

from consent.subjects import KINDS
from personalization.activation.confiding import confide
from personalization.activation.models import Destination, Trigger
from personalization.activation.signing import PREFIX, new_secret

SHORTEST_SECRET = 24


class DestinationForm(forms.ModelForm[Destination]):
    """A destination with its secret, which is asked for and never shown."""

    secret = forms.CharField(
        required=False,
        max_length=200,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="Of a webhook: leave it empty to have one made, which is shown once. Of a"
        " storage: the secret key. Empty keeps the one that is there.",
    )
    identifier_kinds = forms.MultipleChoiceField(
        label="Identifiers",
        required=False,
        choices=[(kind, kind) for kind in KINDS],
        widget=forms.CheckboxSelectMultiple,
        help_text="Which pseudonyms of a person it is told besides our number of the profile."
        " Names and addresses themselves are never sent.",
        initial=["user"],
    )

    class Meta:
        model = Destination
        fields = (
            "name",
            "kind",
            "url",
            "purpose",
            "identifier_kinds",
            "segments",
            "tells_entered",
            "tells_left",
            "bucket",
            "prefix",
            "region",
            "access_key",
            "is_active",
        )

    # What was made, for whoever must copy it; None where nothing was.
    made: str | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the segments as they were saved last, which need not be in force."""
        super().__init__(*args, **kwargs)
        if self.instance.proposed is not None:
            self.initial["segments"] = self.instance.proposed["segments"]

    def clean(self) -> dict[str, Any] | None:
        """Refuse a secret that could not sign, and a storage without one."""
        cleaned = super().clean() or self.cleaned_data
        secret = cleaned.get("secret", "")
        if cleaned.get("kind") == Destination.Kind.BUCKET:
            if not secret and not self.instance.sealed_secret:
                self.add_error("secret", "A storage needs its secret key.")
        elif secret and not _can_sign(secret):
            message = f"Write {PREFIX} and at least {SHORTEST_SECRET} bytes in base64 behind it."
            self.add_error("secret", message)
        return cleaned

    def save(self, commit: bool = True) -> Destination:
        """Seal the secret."""
        secret = self.cleaned_data.get("secret", "")
        if not secret and not self.instance.sealed_secret:
            secret = self.made = new_secret()
        if secret:
            confide(self.instance, secret)
        if "is_active" in self.changed_data and self.instance.is_active:
            self.instance.failures, self.instance.disabled_because = 0, ""
        return super().save(commit)


class TriggerForm(forms.ModelForm[Trigger]):
    """What follows when somebody enters; tasks are those that settings allow."""

    task = forms.ChoiceField(
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="One of the tasks that the settings allow (TRIGGER_TASKS).",
    )

    class Meta:
        model = Trigger
        fields = (
            "segment",
            "kind",
            "activity",
            "within_hours",
            "destination",
            "template",
            "task",
            "every_hours",
            "is_active",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the allowed tasks, and what is chosen already."""
        super().__init__(*args, **kwargs)
        chosen = [self.instance.task] if self.instance.task else []
        tasks = sorted({*settings.TRIGGER_TASKS, *chosen})
        self.fields["task"].choices = [("", "---------"), *((one, one) for one in tasks)]  # type: ignore[attr-defined]


def _can_sign(secret: str) -> bool:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return secret.startswith(PREFIX) and len(key) >= SHORTEST_SECRET
