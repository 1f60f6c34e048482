"""How the profiles API is documented."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

from consent.purposes import OPTIONAL
from consent.subjects import KINDS

MOST_AT_ONCE: Final = 1_000
PROFILE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["identifiers"],
    "properties": {
        "identifiers": {
            "type": "object",
            "description": "At least one, of these kinds or of those that an officer added.",
            "properties": {kind: {"type": "string", "maxLength": 128} for kind in KINDS},
            "additionalProperties": {"type": "string", "maxLength": 128},
        },
        "traits": {
            "type": "object",
            "description": "Texts, numbers, true or false; at most 50.",
            "example": {"country": "FR", "plan": "pro"},
        },
        "consent": {
            "type": "object",
            "description": "What the person chose with you. A refusal always counts; a grant where "
            "no choice is known.",
            "properties": {purpose: {"type": "boolean"} for purpose in OPTIONAL},
            "additionalProperties": False,
        },
        "message_id": {"type": "string", "maxLength": 100, "description": "Taken once for ever."},
        "occurred_at": {"type": "string", "format": "date-time", "description": "Default: now."},
    },
    "additionalProperties": False,
}
REQUEST: Final[dict[str, Any]] = {
    "oneOf": [
        {
            "type": "object",
            "required": ["profiles"],
            "properties": {
                "profiles": {"type": "array", "items": PROFILE, "maxItems": MOST_AT_ONCE}
            },
        },
        PROFILE,
    ]
}
TAKEN: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "accepted": {"type": "integer"},
        "refused": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "index": {"type": "integer"},
                    "field": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
READ: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "identifiers": {
            "type": "array",
            "description": "The kind, and the end of a digest: enough to tell two apart.",
            "items": {
                "type": "object",
                "properties": {"kind": {"type": "string"}, "masked": {"type": "string"}},
            },
        },
        "traits": {"type": "object"},
        "counters": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {"last_30_days": {"type": "integer"}, "ever": {"type": "integer"}},
            },
        },
        "first_seen": {"type": "string", "format": "date-time", "nullable": True},
        "last_seen": {"type": "string", "format": "date-time", "nullable": True},
        "lifecycle": {"type": "string", "nullable": True},
        "consent": {
            "type": "object",
            "properties": {
                "granted": {"type": "array", "items": {"type": "string"}},
                "denied": {"type": "array", "items": {"type": "string"}},
            },
        },
        "segments": {"type": "string", "description": "Where the person's segments are."},
    },
}
EXAMPLE: Final = OpenApiExample(
    "One person",
    request_only=True,
    value={
        "identifiers": {"user": "17850", "email": "anna@example.org"},
        "traits": {"plan": "pro"},
        "message_id": "crm-17850-2026-03-01",
    },
)
