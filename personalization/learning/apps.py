"""This room as Django knows it."""

from django.apps import AppConfig


class LearningConfig(AppConfig):
    """What all models share."""

    name = "personalization.learning"
    verbose_name = "Models"
