"""This room as Django knows it."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """What visitors did."""

    name = "personalization.events"
    verbose_name = "Events"
