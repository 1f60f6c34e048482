"""Say in a sentence why two profiles became one, or why they did not."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from personalization.profiles.models import ProfileMerge

KINDS: Final[Mapping[str, str]] = {
    "user": "account",
    "crm": "customer number",
    "email": "e-mail address",
    "phone": "phone number",
    "anonymous": "browser",
}


def explain(merge: ProfileMerge) -> str:
    """Return the whole story of a merge, undone or not; identifiers by their ends only."""
    sentence = (
        f"Profile {merge.absorbed_id} was merged into profile {merge.into_id}"
        f" on {merge.merged_at:%-d %B %Y at %H:%M}, {BECAUSE[merge.means](merge)}."
    )
    if merge.undone_at is None:
        return sentence
    return (
        f"{sentence} It was undone on {merge.undone_at:%-d %B %Y at %H:%M} by {merge.undone_by}:"
        f" {merge.undone_why}"
    )


def masked(named: Iterable[Sequence[str]]) -> str:
    """Return identifiers as people may see them: the kind, and the end of the digest."""
    return " and ".join(f"{KINDS.get(kind, kind)} …{pseudonym[-4:]}" for kind, pseudonym in named)


def _by_event(merge: ProfileMerge) -> str:
    if not merge.event_type:
        return "because one event named both"
    return (
        f"because the event “{merge.event_type}” named {masked(merge.evidence_kept)},"
        f" known of profile {merge.into_id}, together with {masked(merge.evidence_absorbed)},"
        f" known of profile {merge.absorbed_id}"
    )


def _by_likeness(merge: ProfileMerge) -> str:
    return f"because their personal data are alike ({merge.reason})"


def _by_person(merge: ProfileMerge) -> str:
    return f"because {merge.by} found them to be one person ({merge.reason})"


BECAUSE: Final[Mapping[str, Callable[[ProfileMerge], str]]] = {
    ProfileMerge.Means.EVENT: _by_event,
    ProfileMerge.Means.LIKENESS: _by_likeness,
    ProfileMerge.Means.PERSON: _by_person,
}
