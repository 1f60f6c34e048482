"""How this room gives and forgets a person."""

from collections.abc import Iterable, Mapping
from typing import Any

from consent.stores import Person
from personalization.vault.keeping import known
from personalization.vault.models import SealedValue, SubjectKey
from personalization.vault.moving import destroy


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
        """Yield each value in the clear, with where it came from."""
        for one in known(person.profile_ids):
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
