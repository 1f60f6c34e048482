"""This room in the admin."""

from personalization.profiles.admin.merges import ProfileMergeAdmin
from personalization.profiles.admin.profile import ProfileAdmin
from personalization.profiles.admin.wanted import WantedTraitAdmin

__all__ = ["ProfileAdmin", "ProfileMergeAdmin", "WantedTraitAdmin"]
