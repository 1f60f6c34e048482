"""Find a profile by what people who work here know of a visitor."""

from django.db.models import QuerySet

from consent.subjects import named
from personalization.identifiers.kinds import current_kinds
from personalization.profiles.models import Profile

LONGEST_NUMBER = 18


def find_profiles(*, term: str, among: QuerySet[Profile]) -> QuerySet[Profile]:
    """Return the profiles that an identifier, in full, or else a profile number leads to."""
    term = term.strip()
    pseudonyms = [one.pseudonym for one in named((kind, term) for kind in current_kinds().by_key)]
    found = among.filter(identifiers__pseudonym__in=pseudonyms).distinct()
    if term.isdecimal() and not found.exists():
        return among.filter(pk=int(term[:LONGEST_NUMBER]))
    return found
