"""What a visitor agreed to: per purpose, when, and how."""

from collections.abc import Iterable
from typing import Final

from consent.models import ConsentRecord
from consent.models.proof import GRANTED
from consent.purposes import OPTIONAL
from personalization.profiles.admin.cards import Card
from personalization.profiles.models import Profile

HISTORY_SHOWN: Final = 20


def consent_card(profile: Profile) -> Card:
    """Return the choices in force, a refusal under any identifier counting, and the history."""
    pseudonyms = [identifier.pseudonym for identifier in profile.identifiers.all()]
    records = list(ConsentRecord.objects.filter(pseudonym__in=pseudonyms).current())
    return Card.of(
        "consent",
        "Consent",
        choices=[(purpose, _in_force(records, purpose)) for purpose in _purposes(records)],
        history=sorted(records, key=lambda one: -one.pk)[:HISTORY_SHOWN],
    )


def _purposes(records: Iterable[ConsentRecord]) -> list[str]:
    others = {record.purpose for record in records} - set(OPTIONAL)
    return [*OPTIONAL, *sorted(others)]


def _in_force(records: Iterable[ConsentRecord], purpose: str) -> ConsentRecord | None:
    those = [record for record in records if record.purpose == purpose]
    refusals = [record for record in those if record.state != GRANTED]
    return max(refusals or those, key=lambda record: record.pk, default=None)
