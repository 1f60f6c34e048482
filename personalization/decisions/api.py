"""POST /api/v1/decisions and GET /api/v1/recommendations."""

from typing import Any, Final

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.listing import items_by_ids
from personalization.content.rulesets import ruleset_for
from personalization.decisions.asking import MAX_PLACEMENTS, read_question, visitor_in
from personalization.decisions.deciding import decide, decide_list
from personalization.decisions.exposing import expose
from personalization.decisions.knowing import know
from personalization.events.context import BOT
from personalization.recommender.strategies import CHAINS

MAX_ITEMS: Final = 100
# What the catalogue may say of how an item is shown.
SHOWN: Final = ("description", "url", "image_url", "brand", "gtin")
REASON: Final = {
    "type": "object",
    "properties": {"code": {"type": "string"}, "text": {"type": "string"}},
}
ERRORS: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
    },
}
QUESTION: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["placements"],
    "properties": {
        "placements": {
            "type": "array",
            "items": {"type": "string"},
            "maxItems": MAX_PLACEMENTS,
            "example": ["home_hero"],
        },
        "user_id": {"type": "string"},
        "anonymous_id": {"type": "string"},
        "context": {"type": "object", "example": {"device": "mobile", "category": "lighting"}},
    },
    "additionalProperties": False,
}
ANSWER: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "decisions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "placement": {"type": "string"},
                    "activity": {"type": "string", "nullable": True},
                    "variation": {"type": "string", "nullable": True},
                    "kind": {"type": "string", "nullable": True},
                    "content": {"type": "object", "nullable": True},
                    "items": {"type": "array", "items": {"type": "string"}},
                    "reason": REASON,
                    "probability": {"type": "number", "nullable": True},
                    "ruleset_version": {"type": "integer", "nullable": True},
                    "model_version": {"type": "integer", "nullable": True},
                },
            },
        },
        "errors": ERRORS,
    },
}
LIST: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "strategy": {"type": "string"},
        "reason": REASON,
        "model_version": {"type": "integer", "nullable": True},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "item_id": {"type": "string"},
                    "name": {"type": "string"},
                    "price": {"type": "string", "description": "What it costs now."},
                    "regular_price": {
                        "type": "string",
                        "description": "What it costs while there is no sale.",
                    },
                    "currency": {"type": "string"},
                    "category": {"type": "string"},
                    **{
                        name: {"type": "string", "description": "Empty: the catalogue has none."}
                        for name in SHOWN
                    },
                },
            },
        },
    },
}


class DecisionsView(APIView):
    """What to show in several placements."""

    required_scope = "decisions"

    @extend_schema(
        operation_id="decide",
        summary="Ask what to show in one or more placements",
        description="A placement with `variation: null` shows its own fallback; the reason says "
        "why. Placements that do not exist are named in `errors`; the others are answered.",
        tags=["decisions"],
        request={"application/json": QUESTION},
        responses={200: ANSWER},
    )
    def post(self, request: Request) -> Response:
        """Answer for every placement that exists."""
        now = timezone.now()
        asked = read_question(request.data, now=now)
        knowledge = know(asked.visitor)
        existing, errors = _existing(asked.placements, knowledge.ruleset_version)
        decisions = decide(
            placements=existing,
            visitor=asked.visitor,
            knowledge=knowledge,
            context=asked.context,
            now=now,
        )
        if asked.context.get("device") != BOT:
            expose(decisions, visitor=asked.visitor, knowledge=knowledge, now=now)
        return Response(
            {"decisions": [decision.as_json() for decision in decisions], "errors": errors},
            status=200 if existing else 400,
        )


class RecommendationsView(APIView):
    """A list of items for one visitor."""

    required_scope = "decisions"

    @extend_schema(
        operation_id="recommend",
        summary="Ask for a list of items",
        tags=["decisions"],
        parameters=[
            OpenApiParameter("user_id", OpenApiTypes.STR),
            OpenApiParameter("anonymous_id", OpenApiTypes.STR),
            OpenApiParameter("strategy", OpenApiTypes.STR, enum=sorted(CHAINS)),
            OpenApiParameter("item_id", OpenApiTypes.STR, description="What `similar` starts from"),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"1 to {MAX_ITEMS}; 10"),
        ],
        responses={200: LIST},
    )
    def get(self, request: Request) -> Response:
        """Answer with the items, best first."""
        asked = request.query_params
        decision = decide_list(
            name="api",
            strategy=_strategy(asked.get("strategy", "recommended"), asked.get("item_id")),
            knowledge=know(visitor_in(asked)),
            limit=_limit(asked.get("limit", "10")),
            item_id=asked.get("item_id"),
            now=timezone.now(),
        )
        shown = decision.as_json()
        return Response(
            {
                "id": decision.id,
                "strategy": decision.reason.code,
                "reason": shown["reason"],
                "model_version": decision.model_version,
                "items": [_item(item) for item in items_by_ids(decision.item_ids)],
            }
        )


def _existing(
    placements: list[str], ruleset_version: int | None
) -> tuple[list[str], list[dict[str, str]]]:
    known = ruleset_for(ruleset_version).placements
    errors = [
        {
            "field": f"placements[{index}]",
            "message": f"There is no placement {name!r}. There are: {', '.join(sorted(known))}.",
        }
        for index, name in enumerate(placements)
        if name not in known
    ]
    return [name for name in placements if name in known], errors


def _strategy(stated: str, item_id: str | None) -> str:
    if stated not in CHAINS:
        raise ValidationError({"strategy": [f"Use one of: {', '.join(sorted(CHAINS))}."]})
    if stated == "similar" and not item_id:
        raise ValidationError({"item_id": ["Say which item the others are to resemble."]})
    return stated


def _limit(stated: str) -> int:
    if not stated.isdecimal() or not 1 <= int(stated) <= MAX_ITEMS:
        raise ValidationError({"limit": [f"Use a whole number from 1 to {MAX_ITEMS}."]})
    return int(stated)


def _item(item: Any) -> dict[str, str]:
    return {
        "item_id": item.item_id,
        "name": item.name,
        "price": str(item.current_price),
        "regular_price": str(item.price),
        "currency": item.currency,
        "category": item.category.key,
        **{name: getattr(item, name) for name in SHOWN},
    }
