"""This room in the admin."""

from personalization.linkage.admin.review import CandidateAdmin
from personalization.linkage.admin.searches import LinkageRunAdmin, LinkageSettingsAdmin

__all__ = ["CandidateAdmin", "LinkageRunAdmin", "LinkageSettingsAdmin"]
