"""This room as Django knows it."""

from django.apps import AppConfig


class OutboundConfig(AppConfig):
    """How other systems are reached, without reaching into our own network."""

    name = "personalization.outbound"
    verbose_name = "Outbound"
