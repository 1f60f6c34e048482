"""The connectors room."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """People from other systems: files, systems that are asked, systems that call."""

    name = "personalization.connectors"
    label = "connectors"
    default_auto_field = "django.db.models.BigAutoField"
