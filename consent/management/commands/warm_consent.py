"""Tell Redis every current choice."""

from typing import Any

from django.core.management.base import BaseCommand

from consent.checking import CHOICES
from consent.keyspaces import patient_redis_connection
from consent.mirroring import mirror, mirror_suppressions
from consent.models import ConsentRecord, Suppression


class Command(BaseCommand):
    """Rebuild choices and suppressions in Redis from PostgreSQL."""

    help = "Rebuild in Redis, from PostgreSQL, who agreed to what and who was erased."

    def handle(self, *args: Any, **options: Any) -> None:
        """Forget what Redis says of choices, then write what PostgreSQL proves."""
        # Deleted rather than overwritten: what no record proves must not stay granted.
        redis = patient_redis_connection()
        for key in redis.scan_iter(CHOICES.key("*"), count=1000):
            redis.delete(key)
        erased = set(Suppression.objects.values_list("pseudonym", flat=True))
        mirror_suppressions(erased)
        recorded = ConsentRecord.objects.order_by().values_list("pseudonym", flat=True)
        chosen = set(recorded.distinct())
        mirror(chosen, patient=True)
        self.stdout.write(f"{len(chosen)} people's choices, {len(erased)} erased.")
