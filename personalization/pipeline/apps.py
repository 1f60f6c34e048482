"""This room as Django knows it."""

from django.apps import AppConfig


class PipelineConfig(AppConfig):
    """What happens to an accepted event."""

    name = "personalization.pipeline"
    verbose_name = "Pipeline"
