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
STATED: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["name", "rule"],
    "properties": {
        "name": {"type": "string", "maxLength": 80},
        "description": {"type": "string"},
        "rule": RULE,
        "publish": {"type": "boolean", "default": False},
        "insist": {
            "type": "boolean",
            "default": False,
            "description": "Publish it although nobody can be in it.",
        },
    },
    "additionalProperties": False,
}
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
