"""manage.py check_data [--strict]: look at the data and say what is to be looked into."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from personalization.insights.models import QualityReport
from personalization.insights.reporting import compute


class Command(BaseCommand):
    """The quality page for pipelines."""

    help = "Compute the data quality report and print its findings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer to fail."""
        parser.add_argument(
            "--strict", action="store_true", help="End with exit code 1 when anything is found."
        )

    def handle(self, *args: Any, strict: bool, **options: Any) -> None:
        """Compute, print, and answer with the exit code."""
        report = compute(QualityReport.objects.create(started_by="check_data"), now=timezone.now())
        for finding in report.findings:
            self.stdout.write(f"{finding['kind']}: {finding['about']}: {finding['message']}")
        count = len(report.findings)
        self.stdout.write(f"{count} finding{'' if count == 1 else 's'}.")
        if strict and report.findings:
            sys.exit(1)
