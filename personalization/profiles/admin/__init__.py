"""This room in the admin."""

from personalization.profiles.admin.merges import ProfileMergeAdmin
from personalization.profiles.admin.profile import ProfileAdmin

__all__ = ["ProfileAdmin", "ProfileMergeAdmin"]
