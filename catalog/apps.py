"""This room as Django knows it."""

from django.apps import AppConfig
from django.core.checks import register


class CatalogConfig(AppConfig):
    """Items, categories, feeds and the demo's storefront."""

    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        """Say at the start which settings no browser would understand."""
        from catalog.checks import check_image_origins  # noqa: PLC0415

        register(check_image_origins)
