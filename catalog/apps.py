"""This room as Django knows it."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Items, categories, feeds and the demo's storefront."""

    name = "catalog"
    verbose_name = "Catalogue"
