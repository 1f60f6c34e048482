"""This room as Django knows it."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """Purposes, choices, requests of data subjects."""

    name = "consent"
    verbose_name = "Consent and privacy"
