"""PUT and PATCH /api/v1/catalog/items."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.addresses import LONGEST_ADDRESS
from catalog.feed_rows import CATEGORY_LENGTH, MOST_TAGS, NAME_LENGTH, TAG_LENGTH
from catalog.feed_showing import BRAND_LENGTH, DESCRIPTION_LENGTH
from catalog.putting import Put, change_items, put_items

MOST_AT_ONCE: Final = 1_000
CHANGE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["item_id"],
    "properties": {
        "item_id": {"type": "string", "maxLength": 64, "description": "The shop's own code."},
        "price": {"type": "number", "minimum": 0, "description": "At most two decimals."},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "default": "GBP"},
        "available": {"type": "boolean", "default": True},
        "sale_price": {
            "type": "number",
            "minimum": 0,
            "nullable": True,
            "description": "What it costs while the sale lasts, in the same currency, not above "
            "the price. `null` ends the sale.",
        },
        "sale_starts_at": {"type": "string", "format": "date-time", "nullable": True},
        "sale_ends_at": {
            "type": "string",
            "format": "date-time",
            "nullable": True,
            "description": "From then on it costs the normal price again.",
        },
    },
    "additionalProperties": False,
}
ITEM_SCHEMA: Final[dict[str, Any]] = {
    **CHANGE_SCHEMA,
    "required": ["item_id", "name", "price", "category"],
    "properties": {
        **CHANGE_SCHEMA["properties"],
        "name": {"type": "string", "maxLength": NAME_LENGTH},
        "category": {
            "type": "string",
            "maxLength": CATEGORY_LENGTH,
            "description": "A name or a key; a category that is new is made.",
        },
        "tags": {
            "type": "array",
            "maxItems": MOST_TAGS,
            "items": {"type": "string", "maxLength": TAG_LENGTH},
        },
        "description": {"type": "string", "maxLength": DESCRIPTION_LENGTH},
        "url": {"type": "string", "format": "uri", "maxLength": LONGEST_ADDRESS},
        "image_url": {"type": "string", "format": "uri", "maxLength": LONGEST_ADDRESS},
        "brand": {"type": "string", "maxLength": BRAND_LENGTH},
        "gtin": {"type": "string", "description": "8 to 14 digits, as under the bar code."},
    },
}
ANSWER_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "created": {"type": "integer"},
        "changed": {"type": "integer"},
        "unchanged": {"type": "integer"},
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
EXAMPLE: Final = OpenApiExample(
    "One item",
    request_only=True,
    value={
        "items": [
            {
                "item_id": "85123A",
                "name": "White Lantern",
                "price": 2.55,
                "category": "Lighting & Candles",
                "tags": ["white"],
            }
        ]
    },
)


class TooManyItems(APIException):
    """The batch holds more items than are written at once."""

    status_code = 413
    default_code = "too_large"


def _batch(schema: dict[str, Any]) -> dict[str, Any]:
    items = {"type": "array", "items": schema, "maxItems": MOST_AT_ONCE}
    return {"type": "object", "required": ["items"], "properties": {"items": items}}


class ItemsView(APIView):
    """Where a shop's own system keeps the catalogue up to date."""

    required_scope = "catalog"
    refuses_part_by_part = True

    @extend_schema(
        operation_id="put_items",
        summary="Create or update items",
        description="An item is replaced as a whole; items that are not named stay as they are. "
        "Refused items are named with their index, the field and what to do; the others are kept. "
        "Doing it twice changes nothing.",
        tags=["catalogue"],
        request={"application/json": _batch(ITEM_SCHEMA)},
        responses={200: ANSWER_SCHEMA},
        examples=[EXAMPLE],
    )
    def put(self, request: Request) -> Response:
        """Answer with what was created, changed and refused."""
        return _answer(request, put_items)

    @extend_schema(
        operation_id="change_items",
        summary="Change the price, the sale or the availability of known items",
        description="What is not stated of an item stays as it is.",
        tags=["catalogue"],
        request={"application/json": _batch(CHANGE_SCHEMA)},
        responses={200: ANSWER_SCHEMA},
    )
    def patch(self, request: Request) -> Response:
        """Answer with what was changed and refused."""
        return _answer(request, change_items)


def _answer(request: Request, write: Callable[..., Put]) -> Response:
    put = write(_items_in(request.data), now=timezone.now())
    return Response({**asdict(put), "refused": [asdict(one) for one in put.refused]})


def _items_in(data: Any) -> list[Any]:
    if not isinstance(data, dict) or data.keys() != {"items"}:
        raise ValidationError({"items": ['Send {"items": [...]}, and no field beside it.']})
    if not isinstance(data["items"], list):
        raise ValidationError({"items": ["Send a list of items."]})
    if len(data["items"]) > MOST_AT_ONCE:
        raise TooManyItems(f"Send at most {MOST_AT_ONCE:,} items at once.")
    return data["items"]
