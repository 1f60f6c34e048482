"""Print the rule language as a JSON Schema."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from personalization.rules.schema import rule_schema


class Command(BaseCommand):
    """For `docs/rule-schema.json`, which a test holds up to date."""

    help = "Print the rule language as a JSON Schema: manage.py rule_schema > docs/rule-schema.json"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        self.stdout.write(json.dumps(rule_schema(), indent=2, ensure_ascii=False))
