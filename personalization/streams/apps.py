"""This room as Django knows it."""

from django.apps import AppConfig


class StreamsConfig(AppConfig):
    """Where accepted events wait."""

    name = "personalization.streams"
    verbose_name = "Streams"
