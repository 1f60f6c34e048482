"""The connectors room."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """People from other systems: files, systems that are asked, systems that call."""

    name = "personalization.connectors"
    verbose_name = "Connectors"
