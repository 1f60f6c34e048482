"""Tables of this room."""

from consent.models.proof import ConsentRecord, Notice, Suppression, Unmirrored
from consent.models.purposes import Consent, Privilege
from consent.models.requests import PrivacyRequest, PrivacyRequestTransition, Receipt

__all__ = [
    "Consent",
    "ConsentRecord",
    "Notice",
    "PrivacyRequest",
    "PrivacyRequestTransition",
    "Privilege",
    "Receipt",
    "Suppression",
    "Unmirrored",
]
