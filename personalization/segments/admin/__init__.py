"""Segments and publications in the admin."""

from personalization.segments.admin import golden, profile, publication, segment

__all__ = ["golden", "profile", "publication", "segment"]
