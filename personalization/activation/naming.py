"""What a destination may be told of a person: who agreed to its purpose, and by which names."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from consent.checking import Choices, choices_behind
from consent.keyspaces import patient_redis_connection
from consent.purposes import PERSONALIZATION
from personalization.activation.models import Destination
from personalization.profiles.models import ProfileIdentifier, ProfileMerge


@dataclass(frozen=True, slots=True)
class Named:
    """A person as we know them: the pseudonyms of each kind, and what they agreed to."""

    pseudonyms: Mapping[str, list[str]]
    choices: Choices

    def may_be_told(self, purpose: str) -> bool:
        """Whether this person agreed to be recognised, and to what the other side does with it."""
        return self.choices.allows(PERSONALIZATION) and self.choices.allows(purpose)

    def names_for(self, destination: Destination) -> dict[str, list[str]]:
        """Return the pseudonyms that this destination is told."""
        return {
            kind: list(found)
            for kind, found in self.pseudonyms.items()
            if kind in destination.identifier_kinds
        }


def named(profile_ids: Collection[int]) -> dict[int, Named]:
    """Return each of these profiles that has an identifier. Raises redis.RedisError.

    A profile that became part of another goes by the names of that one. Consent is asked under all
    identifiers: a refusal under any of them counts.
    """
    merged = ProfileMerge.objects.filter(absorbed_id__in=profile_ids, undone_at__isnull=True)
    heirs = dict(merged.values_list("absorbed_id", "kept_id"))
    names: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    wanted = {*profile_ids, *heirs.values()}
    rows = ProfileIdentifier.objects.filter(profile_id__in=wanted).order_by("pk")
    for profile_id, kind, pseudonym in rows.values_list("profile_id", "kind", "pseudonym"):
        names[profile_id][kind].append(pseudonym)
    ids = list(names)
    people = [[one for found in names[pk].values() for one in found] for pk in ids]
    choices = choices_behind(people, connection=patient_redis_connection())
    known = {
        pk: Named({kind: list(found) for kind, found in names[pk].items()}, chosen)
        for pk, chosen in zip(ids, choices, strict=True)
    }
    under = {pk: pk if pk in known else heirs.get(pk) for pk in profile_ids}
    return {pk: known[found] for pk, found in under.items() if found in known}


def person_in(destination: Destination, profile_id: int, who: Named) -> dict[str, Any]:
    """Return how news names a person to this destination."""
    return {"profile": profile_id, "identifiers": who.names_for(destination)}
