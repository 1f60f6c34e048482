"""Fields of the connectors' forms, in the admin's look."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget


def text_field(label: str, help_text: str, **how: Any) -> forms.CharField:
    """Return a field for a short text."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(),
        **how,
    )


def address_field(label: str, help_text: str) -> forms.CharField:
    """Return a field for an address that we shall ask."""
    return text_field(label, help_text, validators=[check_address])


def choice_field(label: str, help_text: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    """Return a field with a choice of one."""
    return forms.ChoiceField(
        label=label, help_text=help_text, choices=choices, widget=UnfoldAdminSelectWidget()
    )


def check_address(stated: str) -> None:
    """Refuse what is no address, and what would send the secret unencrypted."""
    parts = urlsplit(stated)
    # Without TLS only where the network is our own.
    schemes = {"https", "http"} if settings.CONNECTOR_NETWORKS else {"https"}
    if parts.scheme not in schemes or not parts.hostname:
        raise ValidationError("Use an address that begins with https://.")
    if parts.username or parts.password:
        raise ValidationError("Leave user and password out of the address: they are the secret.")
