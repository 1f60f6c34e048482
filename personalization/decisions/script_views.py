"""GET /t.js: the browser script under an address that never changes."""

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import condition, require_safe

FILE: Final = "personalization/tracker.js"
KEPT_SECONDS: Final = 3_600


def _etag(request: HttpRequest) -> str:
    return f'W/"{sha256(_source()).hexdigest()[:16]}"'


@require_safe
@condition(etag_func=_etag)
def script(request: HttpRequest) -> HttpResponse:
    """Hand out the script, packed where the browser can unpack it; the same for everyone."""
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(_packed() if is_packed else _source(), "text/javascript; charset=utf-8")
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    # Sites that isolate themselves (COEP) may load it too.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


@cache
def _source() -> bytes:
    found = finders.find(FILE)
    if not isinstance(found, str):
        raise FileNotFoundError(FILE)
    return Path(found).read_bytes()


@cache
def _packed() -> bytes:
    return gzip.compress(_source(), compresslevel=9, mtime=0)
