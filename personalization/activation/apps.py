"""This room as Django knows it."""

from django.apps import AppConfig


class ActivationConfig(AppConfig):
    """Who enters and leaves segments, and what follows from it."""

    name = "personalization.activation"
    verbose_name = "Activation"
