"""POST /api/v1/pseudonyms: by which pseudonyms news and audiences name people a system knows."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent.subjects import KINDS, Identifier
from personalization.identifiers.kinds import current_kinds

MOST: Final = 1_000
LONGEST: Final = 500
ASKED: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["kind", "values"],
    "properties": {
        "kind": {
            "type": "string",
            "description": f"{', '.join(KINDS)}, or a kind of your own.",
        },
        "values": {"type": "array", "items": {"type": "string"}, "maxItems": MOST},
    },
}
ANSWERED: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"pseudonyms": {"type": "array", "items": {"type": "string"}}},
}


class PseudonymsView(APIView):
    """Names as this installation writes them; whether anybody goes by them is not told."""

    required_scope = "segments"

    @extend_schema(
        operation_id="list_pseudonyms",
        summary="Turn names of people into the pseudonyms that news and audiences use",
        description="In the order of the values. The same name has the same pseudonym for as long"
        " as PSEUDONYM_KEY stays; nothing is looked up or kept.",
        tags=["segments"],
        request={"application/json": ASKED},
        responses={200: ANSWERED},
    )
    def post(self, request: Request) -> Response:
        """Answer with a pseudonym for each value."""
        kind, values = _read(request.data)
        return Response({"pseudonyms": [Identifier(kind, one).pseudonym for one in values]})


def _read(data: Any) -> tuple[str, list[str]]:
    stated = data if isinstance(data, dict) else {}
    kind, values = stated.get("kind"), stated.get("values")
    problems: dict[str, list[str]] = {
        str(name): ["There is no such field. There are: kind, values."]
        for name in stated.keys() - {"kind", "values"}
    }
    if kind not in (kinds := current_kinds().keys):
        problems["kind"] = [f"Choose one of {', '.join(kinds)}."]
    if not _are_names(values):
        problems["values"] = [f"List 1 to {MOST} texts of 1 to {LONGEST} characters."]
    if problems:
        raise ValidationError(problems)
    return str(kind), list(values or ())


def _are_names(values: Any) -> bool:
    return (
        isinstance(values, list)
        and 0 < len(values) <= MOST
        and all(isinstance(one, str) and 0 < len(one) <= LONGEST for one in values)
    )
