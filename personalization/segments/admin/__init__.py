"""Segments and publications in the admin."""

from personalization.segments.admin import golden, profile, proposal, publication, segment

__all__ = ["golden", "profile", "proposal", "publication", "segment"]
