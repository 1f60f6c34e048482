"""The visitor's choices as the browser carries them, and who the visitor is."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from consent.checking import Choices, choices_of
from consent.subjects import Subject

COOKIE: Final = "consent"
SALT: Final = "consent.cookie"
KEPT: Final = timedelta(days=182)


@dataclass(frozen=True, slots=True)
class Carried:
    """What the signed cookie holds: a random id, the choices, and the notice they answered."""

    id: str
    choices: Mapping[str, bool]
    notice: int | None

    @property
    def as_choices(self) -> Choices:
        """The choices as the rest of the project reads them."""
        return Choices(
            granted=frozenset(purpose for purpose, yes in self.choices.items() if yes),
            denied=frozenset(purpose for purpose, yes in self.choices.items() if not yes),
        )


def read_cookie(request: HttpRequest) -> Carried | None:
    """Return what the browser carries; None: nothing chosen yet, or not signed by us."""
    try:
        held = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT)
        return Carried(id=held["id"], choices=held["choices"], notice=held["notice"])
    except (signing.BadSignature, KeyError, TypeError):
        return None


def choices_in_force(request: HttpRequest, carried: Carried | None) -> Carried | None:
    """Return the browser's choices or, while it made none, those of the account signed in."""
    if carried is not None:
        return carried
    account = choices_of(subject_of_request(request, anonymous_id=None))
    stated = dict.fromkeys(account.granted, True) | dict.fromkeys(account.denied, False)
    return Carried(id="", choices=stated, notice=None) if stated else None


def write_cookie(response: HttpResponse, carried: Carried) -> None:
    """Let the browser carry the choices for six months."""
    held = {"id": carried.id, "choices": dict(carried.choices), "notice": carried.notice}
    response.set_cookie(
        COOKIE,
        signing.dumps(held, salt=SALT),
        max_age=KEPT,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def new_id() -> str:
    """Return a random id that leads to nobody."""
    return uuid.uuid4().hex


def subject_of_request(request: HttpRequest, *, anonymous_id: str | None) -> Subject:
    """Return who is asking: the browser by its consent id, and the account if one is signed in."""
    return Subject.of(anonymous_id=anonymous_id, user_id=_user_id(request))


def _user_id(request: HttpRequest) -> str:
    # Looking into a session that is not there would cost a query and could set a cookie.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    if stated := request.session.get("user_id"):
        return str(stated)
    return request.user.get_username() if request.user.is_authenticated else ""
