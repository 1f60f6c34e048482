"""This room in the admin."""

from consent.admin.choices import (
    ConsentAdmin,
    ConsentRecordAdmin,
    NoticeAdmin,
    PrivilegeAdmin,
    SuppressionAdmin,
)
from consent.admin.requests import PrivacyRequestAdmin

__all__ = [
    "ConsentAdmin",
    "ConsentRecordAdmin",
    "NoticeAdmin",
    "PrivacyRequestAdmin",
    "PrivilegeAdmin",
    "SuppressionAdmin",
]
