"""This room as Django knows it."""

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """Who sees what."""

    name = "personalization.experiments"
    verbose_name = "Experiments"
