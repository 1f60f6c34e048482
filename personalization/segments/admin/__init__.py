"""Segments and publications in the admin."""

from personalization.segments.admin import profile, publication, segment

__all__ = ["profile", "publication", "segment"]
