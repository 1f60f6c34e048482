"""This room as Django knows it."""

from django.apps import AppConfig


class RecommenderConfig(AppConfig):
    """What visitors may want."""

    name = "personalization.recommender"
    verbose_name = "Recommender"
