"""This room as Django knows it."""

from django.apps import AppConfig


class LinkageConfig(AppConfig):
    """Which profiles are probably one person."""

    name = "personalization.linkage"
    verbose_name = "Duplicates"
