"""This room as Django knows it."""

from django.apps import AppConfig, apps
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate


class ConfigConfig(AppConfig):
    """Settings, addresses and the processes of one installation."""

    name = "personalization.config"
    verbose_name = "Personalization"

    def ready(self) -> None:
        """Keep the roles' permissions as `roles.py` states them, and the data map complete."""
        from personalization.config.celery import app  # noqa: F401, PLC0415  # shared tasks need it
        from personalization.config.data_map_checks import check_data_map  # noqa: PLC0415
        from personalization.config.roles import write_roles  # noqa: PLC0415

        register(check_data_map, Tags.security)

        # The signal comes once per room with models, and makes that room's permissions; after
        # the last one all of them are there.
        last = [room for room in apps.get_app_configs() if room.models_module][-1]
        post_migrate.connect(write_roles, sender=last)
