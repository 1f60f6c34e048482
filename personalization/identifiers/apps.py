"""This room as Django knows it."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class IdentifiersConfig(AppConfig):
    """By what visitors are known."""

    name = "personalization.identifiers"
    verbose_name = "Identifiers"

    def ready(self) -> None:
        """Tell every process of a change, whichever way it was made."""
        from personalization.identifiers.kinds import announce_after_commit  # noqa: PLC0415

        def announce(**kwargs: Any) -> None:
            announce_after_commit()

        kind = self.get_model("IdentifierKind")
        for signal in (post_save, post_delete):
            signal.connect(announce, sender=kind, weak=False, dispatch_uid="announce-kinds")
