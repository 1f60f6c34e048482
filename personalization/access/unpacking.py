"""Read JSON bodies of senders that compress them or call them text."""

import io
import zlib
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError

from personalization.access.parsing import BodyTooLarge, EventsParser

GZIP_WINDOW = zlib.MAX_WBITS | 16


class PackedEventsParser(EventsParser):
    """Parse a JSON body, plain or gzip, whatever the sender calls it.

    Its unpacked size is bounded as the plain body's is: it is unpacked no further than that.
    """

    media_type = "*/*"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        """Return the decoded body; raises BodyTooLarge or ParseError naming the fault."""
        encoding = parser_context["request"].headers.get("Content-Encoding", "").lower()
        if encoding not in ("", "identity"):
            stream = io.BytesIO(_unpacked(stream, encoding))
        return super().parse(stream, media_type, parser_context)


def _unpacked(stream: IO[bytes], encoding: str) -> bytes:
    if encoding != "gzip":
        raise ParseError("Of content encodings gzip is read.")
    longest = settings.EVENT_BATCH_BYTES
    packed = stream.read(longest + 1)
    if len(packed) > longest:
        raise BodyTooLarge(f"The body is over {longest:,} bytes. Send less at once.")
    unpacking = zlib.decompressobj(GZIP_WINDOW)
    try:
        body = unpacking.decompress(packed, longest + 1)
    except zlib.error as error:
        raise ParseError(f"The body is not valid gzip: {error}") from error
    if len(body) <= longest and not unpacking.eof:
        raise ParseError("The body's gzip data is cut short.")
    return body
