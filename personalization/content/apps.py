"""This room as Django knows it."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """What marketers show."""

    name = "personalization.content"
    verbose_name = "Activities"
