"""This room as Django knows it."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string

from personalization.rules.registering import register_fact, register_operator


class RulesConfig(AppConfig):
    """The rule language."""

    name = "personalization.rules"
    verbose_name = "Rules"

    def ready(self) -> None:
        """Learn the storefront's own words."""
        for path in settings.SEGMENT_FACTS:
            register_fact(import_string(path)())
        for path in settings.SEGMENT_OPERATORS:
            register_operator(import_string(path)())
