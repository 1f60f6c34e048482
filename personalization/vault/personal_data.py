"""How this room gives and forgets a person."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils import timezone

from consent.stores import Person
from personalization.vault.looking import look
from personalization.vault.models import SealedValue, SubjectKey
from personalization.vault.moving import destroy

EXPORT: Final = "export for a privacy request"


class VaultStore:
    """Direct identifiers and personal traits, and the key they are under."""

    name = "vault"
    covers = frozenset({"vault.SubjectKey", "vault.SealedValue", "vault.Look"})
    exceptions = (
        "That somebody who works here looked at direct identifiers stays as proof (GDPR 5(2)):"
        " who, when and which fields, beside the number of a profile that exists no more.",
    )

    def count(self, person: Person) -> int:
        """Return the number of keys and sealed values."""
        keys = SubjectKey.objects.filter(profile_id__in=person.profile_ids)
        return keys.count() + SealedValue.objects.filter(profile_id__in=person.profile_ids).count()

    def export(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Yield each value in the clear, with where it came from; each profile's is a look."""
        for profile_id in sorted(person.profile_ids):
            for one in look(profile_id=profile_id, seen_by=EXPORT, now=timezone.now()):
                yield {
                    "name": one.name,
                    "value": one.value,
                    "source": one.source,
                    "stated_at": one.stated_at,
                }

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Destroy the key and delete what it sealed."""
        destroy(sorted(person.profile_ids))
        return {}
