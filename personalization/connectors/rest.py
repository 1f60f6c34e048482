"""Any system that lists its people as JSON over HTTP, page by page."""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import urljoin, urlsplit

from django import forms
from requests.utils import parse_header_links

from personalization.connectors.connecting import Asked, Connector, Page, register
from personalization.connectors.converting import look_up
from personalization.connectors.reaching import SourceFailed, fetch_json
from personalization.connectors.settings_forms import address_field, choice_field, text_field

MOST_PAGES: Final = 10_000
OVERLAP: Final = timedelta(minutes=10)
PAGING: Final = [
    ("none", "One answer holds all"),
    ("link", "Header Link with rel=next"),
    ("next", "The address of the next page is in the answer"),
    ("cursor", "A cursor for the next page is in the answer"),
    ("page", "Pages are numbered from 1"),
]
NEEDS_PARAMETER: Final = frozenset({"cursor", "page"})
NEEDS_PATH: Final = frozenset({"next", "cursor"})
SIGN_IN: Final[Mapping[str, Callable[[str], dict[str, str]]]] = {
    "none": lambda secret: {},
    "bearer": lambda secret: {"Authorization": f"Bearer {secret}"},
    "basic": lambda secret: {
        "Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"
    },
    "api_key": lambda secret: {"X-Api-Key": secret},
}


class RestForm(forms.Form):
    """Where the list is, and how to turn its pages."""

    url = address_field("Address", "Of the list, such as https://crm.example.com/api/customers.")
    sign_in = choice_field(
        "Sign in",
        "How the secret is sent.",
        [
            ("bearer", "Authorization: Bearer"),
            ("basic", "Authorization: Basic (the secret is user:password)"),
            ("api_key", "X-Api-Key"),
            ("none", "Not at all"),
        ],
    )
    records_at = text_field(
        "Records",
        "Where the list is in the answer, such as data.items. Empty: the answer itself.",
        required=False,
    )
    paging = choice_field("Pages", "How the next page is found.", PAGING)
    next_at = text_field(
        "Next page",
        "Where its address or cursor is in the answer, such as meta.next.",
        required=False,
    )
    page_parameter = text_field("Parameter of the page", "Such as page or cursor.", required=False)
    since_parameter = text_field(
        "Parameter of the time",
        "Asks for what changed since the last run, such as updated_since; the mapping needs a"
        " `changed_at` for it. Empty: everything is read each time.",
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen paging needs."""
        cleaned = super().clean() or {}
        paging = cleaned.get("paging")
        if paging in NEEDS_PARAMETER and not cleaned.get("page_parameter"):
            self.add_error("page_parameter", "Say by which parameter a page is asked for.")
        if paging in NEEDS_PATH and not cleaned.get("next_at"):
            self.add_error("next_at", "Say where in the answer the next page is named.")
        return cleaned


@dataclass(frozen=True, slots=True)
class Place:
    """Which page to ask for: an address, and parameters."""

    url: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A page as it came: which one, its body, its headers, and whether it holds anything."""

    place: Place
    body: Any
    headers: Mapping[str, str]
    is_empty: bool


@register
class RestConnector(Connector):
    """A JSON list behind an address, with pages and a time from which to go on."""

    key = "rest"
    title = "JSON over HTTP"
    form = RestForm
    secret_help: ClassVar[str] = "The token, or user:password."  # noqa: S105  # words, no secret

    def fetch(self, asked: Asked, *, since: str) -> Iterator[Page]:
        """Yield the pages; the cursor is the latest time of change, known at the end only."""
        latest, place, seen = since, _first(asked.settings, since), set()
        for _ in range(MOST_PAGES):
            answer = _ask(asked, place)
            records = _records(answer.body, asked.settings)
            latest = max([latest, *_times(records, asked)])
            yield Page(records)
            following = _following(answer, asked.settings)
            if following is None:
                yield Page([], latest)
                return
            place = following
            if repr(place) in seen:
                raise SourceFailed("It names the same page again and again.")
            seen.add(repr(place))
        raise SourceFailed(f"It has more than {MOST_PAGES:,} pages.")


def _first(settings: Mapping[str, Any], since: str) -> Place:
    parameters = {}
    if settings["since_parameter"] and since:
        moment = datetime.fromisoformat(since) - OVERLAP
        parameters[settings["since_parameter"]] = moment.isoformat()
    if settings["paging"] == "page":
        parameters[settings["page_parameter"]] = "1"
    return Place(settings["url"], parameters)


def _ask(asked: Asked, place: Place) -> Answer:
    headers = {"Accept": "application/json", **SIGN_IN[asked.settings["sign_in"]](asked.secret)}
    # A redirect would take the secret along to wherever it points.
    body, answered = fetch_json(
        asked.session,
        "GET",
        place.url,
        params=place.parameters,
        headers=headers,
        allow_redirects=False,
    )
    return Answer(place, body, answered, not _records(body, asked.settings))


def _records(body: Any, settings: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    path = settings["records_at"]
    found = look_up(body, path) if path and isinstance(body, Mapping) else body
    if not isinstance(found, list):
        where = f"at {path!r}" if path else "in the answer"
        raise SourceFailed(f"There is no list {where}.")
    return [one if isinstance(one, Mapping) else {} for one in found]


def _times(records: list[Mapping[str, Any]], asked: Asked) -> Iterator[str]:
    column = asked.mapping.changed_at
    if column is None or not asked.settings["since_parameter"]:
        return
    for record in records:
        try:
            stated = column.read(record)
        except ValueError:
            continue  # the row is refused where it is taken in
        if isinstance(stated, str):
            yield datetime.fromisoformat(stated).astimezone(UTC).isoformat()


def _following(answer: Answer, settings: Mapping[str, Any]) -> Place | None:
    return FOLLOWING[settings["paging"]](answer, settings)


def _by_link(answer: Answer, settings: Mapping[str, Any]) -> Place | None:
    links = parse_header_links(answer.headers.get("Link", ""))  # type: ignore[no-untyped-call,unused-ignore]
    urls = [link["url"] for link in links if link.get("rel") == "next"]
    return _at_same_host(answer.place, urls[0], settings) if urls else None


def _by_next(answer: Answer, settings: Mapping[str, Any]) -> Place | None:
    url = look_up(answer.body, settings["next_at"])
    return _at_same_host(answer.place, str(url), settings) if url else None


def _by_cursor(answer: Answer, settings: Mapping[str, Any]) -> Place | None:
    cursor = look_up(answer.body, settings["next_at"])
    if not cursor:
        return None
    parameters = {**answer.place.parameters, settings["page_parameter"]: str(cursor)}
    return Place(answer.place.url, parameters)


def _by_page(answer: Answer, settings: Mapping[str, Any]) -> Place | None:
    if answer.is_empty:
        return None
    name = settings["page_parameter"]
    number = int(answer.place.parameters[name]) + 1
    return Place(answer.place.url, {**answer.place.parameters, name: str(number)})


FOLLOWING: Final[Mapping[str, Callable[[Answer, Mapping[str, Any]], Place | None]]] = {
    "none": lambda answer, settings: None,
    "link": _by_link,
    "next": _by_next,
    "cursor": _by_cursor,
    "page": _by_page,
}


def _at_same_host(place: Place, url: str, settings: Mapping[str, Any]) -> Place:
    """Return the next page; one at another host would be sent our secret, and is refused."""
    absolute = urljoin(place.url, url)
    ours, theirs = urlsplit(settings["url"]), urlsplit(absolute)
    if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
        raise SourceFailed("Its next page is at another host.")
    return Place(absolute, {})
