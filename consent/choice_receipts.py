"""The proof of choices that a person can take away, with the fields of ISO/IEC TS 27560."""

from datetime import datetime
from typing import Any, Final

from consent.models import ConsentRecord, Privilege
from consent.models.proof import GRANTED
from consent.subjects import Subject

SCHEMA: Final = "ISO/IEC TS 27560:2023"
RIGHTS: Final = (
    "You may withdraw at any time, as easily as you agreed, on the page named in"
    " privacy_rights_address."
)


def choice_receipt(subject: Subject, *, party: str, now: datetime) -> dict[str, Any] | None:
    """Return the subject's current choices as a receipt; None where none was recorded.

    `party`: the address at which the controller answers for it.
    """
    pseudonyms = subject.pseudonyms
    records = list(ConsentRecord.objects.filter(pseudonym__in=pseudonyms).current())
    if not records:
        return None
    described = {one.key: one for one in Privilege.objects.all()}
    return {
        "schema_version": SCHEMA,
        "receipt_id": f"{records[0].pseudonym[:8]}-{max(record.pk for record in records)}",
        "issued_at": now.isoformat(),
        "pii_principal_ids": list(pseudonyms),
        "pii_controller": {"address": party},
        "privacy_rights": RIGHTS,
        "privacy_rights_address": party,
        "purposes": [_purpose(record, described.get(record.purpose)) for record in records],
    }


def _purpose(record: ConsentRecord, privilege: Privilege | None) -> dict[str, Any]:
    return {
        "purpose": record.purpose,
        "purpose_name": privilege.name if privilege else record.purpose,
        "purpose_description": privilege.description if privilege else "",
        "lawful_basis": "consent",
        "pii_principal_id": record.pseudonym,
        "jurisdiction": record.jurisdiction or None,
        "privacy_notice": {
            "version": record.notice_version,
            "language": record.notice_locale or None,
            "sha256": record.notice_hash or None,
        },
        "event": {
            "event_type": "explicit" if record.state == GRANTED else "refused",
            "event_state": record.state,
            "event_time": record.recorded_at.isoformat(),
            "mechanism": record.mechanism,
        },
    }
