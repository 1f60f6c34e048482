"""This room as Django knows it."""

from django.apps import AppConfig


class CensusConfig(AppConfig):
    """The facts that segments read, in columns that count fast."""

    name = "personalization.census"
    verbose_name = "Census"
