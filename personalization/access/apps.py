"""This room as Django knows it."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Keys, and how API requests are read, refused and answered."""

    name = "personalization.access"
    verbose_name = "API access"

    def ready(self) -> None:
        """Tell the documentation how keys travel."""
        from personalization.access import schema  # noqa: F401, PLC0415
