"""Refuse to start while there is data of which nobody has said what it is for."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from personalization.config.data_map import astray, unmapped


def check_data_map(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Find fields and Redis prefixes that the data map does not name, and names of nothing."""
    forgotten: list[CheckMessage] = [
        Error(
            f"{place} is not in the data map.",
            hint="Name it in personalization/config/data_places.py under what it is for.",
            id="config.E001",
        )
        for place in unmapped()
    ]
    return forgotten + [
        Error(
            f"The data map names {place}, which does not exist.",
            hint="Take it out of personalization/config/data_places.py.",
            id="config.E002",
        )
        for place in astray()
    ]
