"""Who a visitor is, as far as stated, and where each statement came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from personalization.identifiers.kinds import current_kinds
from personalization.profiles.admin.cards import Card, labelled
from personalization.profiles.completeness import completeness_of
from personalization.profiles.models import Profile, ProfileIdentifier, WantedTrait
from personalization.profiles.provenance import Provenance, provenance_of
from personalization.vault.keeping import Statement, known
from personalization.vault.masking import masked
from personalization.vault.naming import NAMES
from personalization.vault.sealing import Tampered, UnknownKey

KIND_NAMES: Final = {
    "user": "account",
    "crm": "CRM number",
    "email": "e-mail address",
    "phone": "phone number",
    "device": "device",
    "anonymous": "browser",
}
SOURCES: Final = {
    "page": "the shop's pages",
    "api": "the events API",
    "segment": "Segment",
    "ga4": "Google Analytics",
    "pixel": "a pixel",
    "import": "an import",
    "crm": "a CRM import",
    "question": "a question they answered",
    "enrichment": "a third party",
}
LOCKED: Final = (
    "Some of it cannot be opened: its key is missing in VAULT_KEYS, or it was changed. Tell whoever"
    " runs this installation."
)


@dataclass(frozen=True, slots=True)
class Line:
    """A name, what is known under it, where that comes from, on what ground and until when."""

    name: str
    value: Any
    source: str = ""
    stated_at: datetime | None = None
    basis: str = ""
    expires_at: datetime | None = None


def who_card(
    profile: Profile, *, seen: Sequence[Statement] | None, may_see: bool, csrf: str
) -> Card:
    """Return who it is: `seen` in the clear where somebody looked, else masked."""
    fault = ""
    try:
        statements = known([profile.pk]) if seen is None else seen
    except (UnknownKey, Tampered):
        statements, fault = [], LOCKED
    order = list(NAMES)
    ordered = sorted(statements, key=lambda one: order.index(one.name))
    return Card.of(
        "who",
        "Who",
        direct=[_direct(one, in_clear=seen is not None) for one in ordered],
        identifiers=_by_kind(profile),
        in_clear=seen is not None,
        may_see=may_see and seen is None,
        fault=fault,
        csrf=csrf,
        profile=profile,
    )


def traits_card(profile: Profile) -> Card:
    """Return what was stated of the visitor, and by whom."""
    provenance = provenance_of(profile.facts)
    lines = [
        _trait(name, value, provenance.get(name))
        for name, value in sorted(profile.facts.get("traits", {}).items())
        if value is not None
    ]
    return Card.of(
        "traits",
        "Traits",
        lines=lines,
        completeness=completeness_of(profile, wanted=list(WantedTrait.objects.all())),
    )


def _direct(one: Statement, *, in_clear: bool) -> Line:
    value = one.value if in_clear else masked(one.name, one.value)
    return Line(one.name.replace("_", " "), value, labelled(one.source, SOURCES), one.stated_at)


def _trait(name: str, value: Any, stated: Provenance | None) -> Line:
    shown = ("yes" if value else "no") if isinstance(value, bool) else value
    if stated is None:
        return Line(name, shown)
    return Line(
        name,
        shown,
        labelled(stated.source, SOURCES),
        stated.stated_at,
        stated.basis,
        stated.expires_at,
    )


def _by_kind(profile: Profile) -> list[tuple[str, list[ProfileIdentifier]]]:
    found: dict[str, list[ProfileIdentifier]] = {kind: [] for kind in current_kinds().keys}
    for identifier in profile.identifiers.order_by("-created_at"):
        found.setdefault(identifier.kind, []).append(identifier)
    return [(labelled(kind, KIND_NAMES), those) for kind, those in found.items() if those]
