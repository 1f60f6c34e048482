"""How this room gives and forgets a person."""

from collections.abc import Iterator, Mapping
from typing import Any

from consent.checking import CHOICES, SUPPRESSED
from consent.keyspaces import patient_redis_connection
from consent.models import Consent, ConsentRecord
from consent.stores import Person


class ChoicesStore:
    """Current choices in Redis and of accounts. Their history stays, as proof."""

    name = "choices"
    covers = frozenset(
        {
            "consent.Consent",
            "consent.ConsentRecord",
            "consent.PrivacyRequest",
            "consent.Suppression",
            "consent.Unmirrored",
            f"redis:{CHOICES.prefix}",
            f"redis:{SUPPRESSED.prefix}",
        }
    )
    exceptions = (
        "Records of choices stay as proof of consent (GDPR 7(1)), under a keyed digest and with"
        " truncated network and browser.",
        "A keyed digest of each identifier stays, so that an import cannot bring the person back.",
        "This request and its changes of state stay as proof that it was fulfilled (GDPR 5(2)).",
        "The account with which somebody signs in is closed in the account system, not here.",
    )

    def count(self, person: Person) -> int:
        """Return keys in Redis plus choices of accounts."""
        keys = _keys(person)
        held = patient_redis_connection().exists(*keys) if keys else 0
        return int(held) + Consent.objects.filter(pseudonym__in=person.pseudonyms).count()

    def export(self, person: Person) -> Iterator[Mapping[str, Any]]:
        """Yield every choice that was recorded, oldest first."""
        fields = ("recorded_at", "purpose", "state", "mechanism", "notice_version", "jurisdiction")
        records = ConsentRecord.objects.filter(pseudonym__in=person.pseudonyms).order_by("pk")
        yield from records.values(*fields).iterator()

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Forget the current choices: nothing is granted any more."""
        keys = _keys(person)
        if keys:
            patient_redis_connection().delete(*keys)
        Consent.objects.filter(pseudonym__in=person.pseudonyms).delete()
        kept = ConsentRecord.objects.filter(pseudonym__in=person.pseudonyms).count()
        return {"records kept as proof": str(kept)}


def _keys(person: Person) -> list[str]:
    return [CHOICES.key(pseudonym) for pseudonym in person.pseudonyms]
