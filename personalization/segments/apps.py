"""This room as Django knows it."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Whom visitors resemble."""

    name = "personalization.segments"
    verbose_name = "Segments"
