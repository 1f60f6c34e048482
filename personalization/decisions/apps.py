"""This room as Django knows it."""

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """What is shown, and why."""

    name = "personalization.decisions"
    verbose_name = "Decisions"
