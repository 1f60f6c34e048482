"""This room as Django knows it."""

from django.apps import AppConfig


class DoorsConfig(AppConfig):
    """What other systems send, translated."""

    name = "personalization.doors"
    verbose_name = "Doors"
