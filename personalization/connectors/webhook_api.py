"""POST /v1/sources/{key}."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.feed_lines import FeedLine
from personalization.access.parsing import BodyTooLarge, parse_json
from personalization.connectors.confiding import secret_of
from personalization.connectors.converting import look_up
from personalization.connectors.importing import ImportedProfiles, Taking, import_profiles
from personalization.connectors.mapping import MappingError
from personalization.connectors.models import Connection
from personalization.connectors.reaching import SourceFailed
from personalization.connectors.running import add_to_day
from personalization.connectors.webhook import NotSigned, WebhookConnector, delivery_id
from personalization.streams.stream import StreamUnavailable


class NotKnown(APIException):
    """There is no such source, or the delivery is not signed by it: which of both is not said."""

    status_code = 401
    default_detail = "There is no such source, or the delivery is not signed by it."
    default_code = "not_signed"


class SourceUnavailable(APIException):
    """It cannot be taken in now; the sender keeps it and tries again."""

    status_code = 503
    default_code = "unavailable"
    wait = 5  # seconds, sent as Retry-After


class RawParser(BaseParser):
    """Leave the body as it came: its signature is over its bytes."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the body, as bytes; raises BodyTooLarge."""
        longest = settings.EVENT_BATCH_BYTES
        body: bytes = stream.read(longest + 1)
        if len(body) > longest:
            raise BodyTooLarge(f"The body is over {longest:,} bytes. Send less at once.")
        return body


class SourceView(APIView):
    """Where systems call us with what changed."""

    authentication_classes = []
    permission_classes = [AllowAny]  # the signature is the key
    parser_classes = [RawParser]

    @extend_schema(exclude=True)  # the body is the source's, and the mapping's to read
    def post(self, request: Request, key: str) -> Response:
        """Answer 202 with what became of the records of a signed delivery."""
        now = timezone.now()
        body = request.data if isinstance(request.data, bytes) else b""
        connection = _connection(key)
        delivery = _delivery(connection, request, body, now=now)
        records = _records(parse_json(body), connection.settings)
        try:
            done = _take_in(connection, records, delivery=delivery, now=now)
        except (MappingError, StreamUnavailable) as error:
            raise SourceUnavailable(str(error)) from error
        add_to_day(connection, done, now=now)
        refused = [
            {"index": row.line, "field": row.field, "message": row.message} for row in done.refused
        ]
        accepted = done.created + done.updated + done.unchanged
        return Response({"accepted": accepted, "refused": refused}, status=202)


def _connection(key: str) -> Connection:
    found = Connection.objects.filter(key=key, kind=WebhookConnector.key, is_active=True).first()
    if found is None:
        raise NotKnown
    return found


def _delivery(connection: Connection, request: Request, body: bytes, *, now: datetime) -> str:
    try:
        secret = secret_of(connection)
        if not secret:
            raise NotSigned("The source has no secret.")
        return delivery_id(request.headers, body, secret=secret, now=now)
    except (NotSigned, SourceFailed) as error:
        raise NotKnown from error


def _records(body: Any, stated: Mapping[str, Any]) -> list[Any]:
    path = stated.get("records_at", "")
    found = look_up(body, path) if path and isinstance(body, Mapping) else body
    if isinstance(found, Mapping):
        return [found]
    if not isinstance(found, list):
        raise ParseError(f"There is no list of records at {path!r}." if path else "Send an object.")
    if len(found) > settings.EVENT_BATCH_COUNT:
        raise BodyTooLarge(f"Send at most {settings.EVENT_BATCH_COUNT:,} records at once.")
    return found


def _take_in(
    connection: Connection, records: list[Any], *, delivery: str, now: datetime
) -> ImportedProfiles:
    """Take the records in; each is one message, however often the delivery is repeated."""
    lines = [
        FeedLine(index, record) if isinstance(record, Mapping) else FeedLine(index, {}, "is odd")
        for index, record in enumerate(records)
    ]
    taking = Taking(
        connection.source_mapping,
        frozenset(connection.vouched_purposes),
        delivery=f"{connection.key}:{delivery}",
    )
    return import_profiles(lines, taking=taking, clock=lambda: now)
