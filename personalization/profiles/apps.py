"""This room as Django knows it."""

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    """Who visitors are."""

    name = "personalization.profiles"
    verbose_name = "Profiles"
