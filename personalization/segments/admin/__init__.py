"""Segments and publications in the admin."""

from personalization.segments.admin import (
    funnel,
    golden,
    history,
    profile,
    proposal,
    publication,
    segment,
)

__all__ = ["funnel", "golden", "history", "profile", "proposal", "publication", "segment"]
