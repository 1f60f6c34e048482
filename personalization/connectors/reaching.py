"""Ask other systems for JSON; how they are reached is told in `outbound/reaching.py`."""

from typing import Any, Final

import orjson
import requests

from personalization.outbound.reaching import reason_of

LONGEST_BODY: Final = 20_000_000
CHUNK: Final = 65_536


class SourceFailed(Exception):
    """A source did not answer as it should; the text says how, without secrets."""


def fetch_json(session: requests.Session, method: str, url: str, **how: Any) -> Any:
    """Return (decoded body, headers) of an answer. Raises SourceFailed."""
    try:
        with session.request(method, url, stream=True, **how) as answer:
            body = _bounded(answer)
            if not answer.ok or answer.is_redirect:
                raise SourceFailed(f"It answered {answer.status_code} {answer.reason}.")
            return orjson.loads(body), answer.headers
    except requests.RequestException as error:
        raise SourceFailed(reason_of(error)) from error
    except ValueError as error:
        raise SourceFailed("Its answer is not JSON.") from error


def _bounded(answer: requests.Response) -> bytes:
    body = bytearray()
    for chunk in answer.iter_content(CHUNK):
        body += chunk
        if len(body) > LONGEST_BODY:
            raise SourceFailed(f"Its answer is over {LONGEST_BODY:,} bytes. Ask for smaller pages.")
    return bytes(body)
