"""This room as Django knows it."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """What says directly who a visitor is, encrypted."""

    name = "personalization.vault"
    verbose_name = "Direct identifiers"
