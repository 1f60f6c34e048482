"""This room in the admin."""

from personalization.insights.admin.alerts import AlertAdmin
from personalization.insights.admin.quality import QualityReportAdmin

__all__ = ["AlertAdmin", "QualityReportAdmin"]
