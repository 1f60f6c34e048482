"""This room as Django knows it."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """How well it works: the quality of the data."""

    name = "personalization.insights"
    verbose_name = "Insights"
