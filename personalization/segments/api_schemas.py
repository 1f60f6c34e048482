"""How the API's documentation describes segments."""

from typing import Any, Final

from personalization.segments.models import Kind
from personalization.segments.states import STATES

RULE: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A rule; its JSON Schema is docs/rule-schema.json.",
    "example": {
        "all": [
            {"fact": "count", "event": "purchase", "days": 30, "operator": "greater", "value": 3}
        ]
    },
}
INSIST: Final[dict[str, Any]] = {
    "type": "boolean",
    "default": False,
    "description": "Publish it although nobody can be in it.",
}
KEYS: Final[dict[str, Any]] = {"type": "array", "items": {"type": "string"}}
COMBINATION: Final[dict[str, Any]] = {
    "in_all": {**KEYS, "description": "Keys of segments: who is in each of them,"},
    "in_any": {**KEYS, "description": "and in at least one of these,"},
    "in_none": {**KEYS, "description": "and in none of these."},
}
BAND: Final[dict[str, Any]] = {
    "score": {"type": "string", "description": "The name under which a model keeps it."},
    "low": {"type": "number"},
    "high": {"type": "number", "description": "Both ends belong to the band."},
}
IDS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The whole list; without it a list keeps what it has. More are sent by"
    " themselves, as the segment's list.",
    "required": ["kind", "values"],
    "properties": {
        "kind": {"type": "string", "enum": ["user", "email", "crm", "phone"]},
        "values": {"type": "array", "items": {"type": "string"}, "maxItems": 1_000},
    },
}


def _stated(kind: str, own: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["name", *required],
        "properties": {
            "name": {"type": "string", "maxLength": 80},
            "description": {"type": "string"},
            "kind": {"type": "string", "enum": [kind]},
            **own,
            "publish": {"type": "boolean", "default": False},
            "insist": INSIST,
        },
        "additionalProperties": False,
    }


STATED: Final[dict[str, Any]] = {
    "oneOf": [
        _stated(Kind.DYNAMIC, {"rule": RULE}, "rule"),
        _stated(Kind.STATIC, {"ids": IDS}, "kind"),
        _stated(Kind.COMBINED, COMBINATION, "kind"),
        _stated(Kind.PREDICTIVE, BAND, "kind", *BAND),
    ]
}
INSISTING: Final[dict[str, Any]] = {"type": "object", "properties": {"insist": INSIST}}
SEGMENT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "key": {"type": "string"},
        "name": {"type": "string"},
        "description": {"type": "string"},
        "kind": {"type": "string", "enum": Kind.values},
        "rule": RULE,
        "sentence": {"type": "string"},
        "state": {"type": "string", "enum": list(STATES)},
        "version": {"type": "integer", "nullable": True},
        "updated_at": {"type": "string", "format": "date-time"},
        **COMBINATION,
        **BAND,
        "listed": {
            "type": "integer",
            "description": "How many are on its list; not told where segments are listed.",
        },
        "approval": {
            "type": "integer",
            "description": "The number under which it waits for a second person.",
        },
        "warnings": {
            "type": "array",
            "description": "What will surprise: nobody can be in it, nobody has a name in it.",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "replaced": {
            "type": "array",
            "items": {"type": "integer"},
            "description": "What waited before under these numbers, and waits no more.",
        },
        "voided": {
            "type": "array",
            "items": {"type": "integer"},
            "description": "What waited under these numbers, and is void by this change.",
        },
    },
}
LIST: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "segments": {"type": "array", "items": SEGMENT},
        "next_after": {"type": "string", "nullable": True},
    },
}
PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        }
    },
}
IDENTIFIER: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"kind": {"type": "string"}, "pseudonym": {"type": "string"}},
}
MEMBERS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "members": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "profile": {"type": "integer"},
                    "identifiers": {"type": "array", "items": IDENTIFIER},
                },
            },
        },
        "next_after": {"type": "string", "nullable": True},
    },
}
TRACE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "holds": {"type": "boolean", "nullable": True},
        "sentence": {"type": "string"},
        "actual": {"type": "string"},
        "nearness": {"type": "string"},
        "match": {"type": "string", "nullable": True},
        "members": {"type": "array", "items": {"type": "object"}},
        "is_segment": {
            "type": "boolean",
            "description": "Its members are the rule of a segment that is named here.",
        },
    },
}
MEMBERSHIPS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "version": {"type": "integer"},
        "segments": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "key": {"type": "string"},
                    "name": {"type": "string"},
                    "is_member": {
                        "type": "boolean",
                        "nullable": True,
                        "description": "null: the visit decides.",
                    },
                    "because": TRACE,
                },
            },
        },
    },
}
LIST_UPLOAD: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "state": {"type": "string", "enum": ["waiting", "reading", "done", "failed"]},
        "percent": {"type": "integer"},
        "message": {"type": "string"},
        "refused": {"type": "integer"},
        "refusals": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"line": {"type": "integer"}, "reason": {"type": "string"}},
            },
        },
    },
}
