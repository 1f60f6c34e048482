"""This room as Django knows it."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class ConsentConfig(AppConfig):
    """Purposes, choices, requests of data subjects."""

    name = "consent"
    verbose_name = "Consent and privacy"

    def ready(self) -> None:
        """Refuse to start while a place with personal data is covered by no store."""
        from consent.checks import check_personal_data_stores  # noqa: PLC0415

        register(check_personal_data_stores, Tags.security)
