"""This room as Django knows it."""

from django.apps import AppConfig
from django.core.checks import register


class EventsConfig(AppConfig):
    """What visitors did."""

    name = "personalization.events"
    verbose_name = "Events"

    def ready(self) -> None:
        """Say at the start what the doors would only find out from a visitor."""
        from personalization.events.checks import (  # noqa: PLC0415
            check_currency,
            check_origins,
            check_places,
        )

        for check in (check_currency, check_origins, check_places):
            register(check)
