"""Who a person is, from any of their pseudonyms."""

from consent.stores import Person
from personalization.profiles.models import ProfileIdentifier, ProfileMerge


def resolve_person(pseudonyms: frozenset[str]) -> Person:
    """Return all pseudonyms and profile ids, former ones included, of the same person."""
    found = ProfileIdentifier.objects.filter(pseudonym__in=pseudonyms)
    profile_ids = set(found.values_list("profile_id", flat=True))
    linked = ProfileIdentifier.objects.filter(profile_id__in=profile_ids)
    absorbed = ProfileMerge.objects.in_force().filter(kept_id__in=profile_ids)
    return Person(
        pseudonyms=pseudonyms | set(linked.values_list("pseudonym", flat=True)),
        profile_ids=frozenset(profile_ids | set(absorbed.values_list("absorbed_id", flat=True))),
    )
