"""Read a choice from the banner or the choices page, and put it into force."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme

from consent.models import Privilege, Suppression
from consent.proving import MECHANISM_BANNER, MECHANISM_PREFERENCES, current_notice
from consent.purposes import NECESSARY, OPTIONAL, REFUSED_BY_GPC
from consent.recording import record_choices
from consent.subjects import Identifier
from consent.visiting import Carried, new_id, subject_of_request

SIGNED_AS: Final = "consent.choose"
TOKEN_VALID: Final = timedelta(days=1)
MECHANISMS: Final = {"banner": MECHANISM_BANNER, "preferences": MECHANISM_PREFERENCES}


class ChoiceRefused(ValueError):
    """The form says something that is not on offer."""


def make_token() -> str:
    """Return proof that a form was made here; before a choice there is no cookie to hold one."""
    return signing.TimestampSigner(salt=SIGNED_AS).sign("choose")


def may_choose(request: HttpRequest) -> bool:
    """Return whether the choice was made on a page of this site."""
    return _is_token_valid(request.POST.get("token", "")) and _is_same_origin(request)


def read_choice(form: QueryDict, *, gpc: bool) -> dict[str, bool]:
    """Return the choice for each purpose on offer; raises ChoiceRefused."""
    offered = [*OPTIONAL, *_others()]
    granted = _granted(form, offered=frozenset(offered))
    if gpc:
        granted -= REFUSED_BY_GPC
    return {purpose: purpose in granted for purpose in offered}


def choose(
    request: HttpRequest, *, choices: Mapping[str, bool], carried: Carried | None, now: datetime
) -> Carried:
    """Record the choices for the browser and the account, and return what the browser carries."""
    notice = current_notice()
    version = notice.version if notice else None
    consent_id = carried.id if carried and not _was_erased(carried.id) else new_id()
    record_choices(
        subject=subject_of_request(request, anonymous_id=consent_id),
        choices=choices,
        mechanism=MECHANISMS.get(request.POST.get("asked_on", ""), MECHANISM_BANNER),
        notice_version=version,
        request_meta=request.META,
        now=now,
    )
    return Carried(id=consent_id, choices=choices, notice=version)


def way_back(request: HttpRequest) -> str:
    """Return the page on which the choice was made; anything foreign becomes the home page."""
    stated = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        stated, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return stated if is_ours else "/"


def _granted(form: QueryDict, *, offered: frozenset[str]) -> frozenset[str]:
    match form.get("choice"):
        case "accept":
            return frozenset(OPTIONAL)
        case "reject":
            return frozenset()
        case "selected":
            selected = frozenset(form.getlist("purposes"))
            if unknown := selected - offered:
                raise ChoiceRefused(f"There is no purpose {', '.join(sorted(unknown))}.")
            return selected
    raise ChoiceRefused("Choose accept, reject or selected.")


def _others() -> list[str]:
    """Return the purposes that this installation has added."""
    known = (NECESSARY, *OPTIONAL)
    return list(Privilege.objects.exclude(key__in=known).values_list("key", flat=True))


def _was_erased(consent_id: str) -> bool:
    # Who was erased and chooses anew is a new visitor, whom nothing links to the old one.
    pseudonym = Identifier("anonymous", consent_id).pseudonym
    return Suppression.objects.filter(pseudonym=pseudonym).exists()


def _is_token_valid(token: str) -> bool:
    try:
        signing.TimestampSigner(salt=SIGNED_AS).unsign(token, max_age=TOKEN_VALID)
    except signing.BadSignature:
        return False
    return True


def _is_same_origin(request: HttpRequest) -> bool:
    """Ask whatever the browser states about where the form was; old browsers state nothing."""
    own = f"{request.scheme}://{request.get_host()}"
    headers = request.headers
    return all(
        (
            headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"},
            headers.get("Origin", own) == own,
            headers.get("Referer", own + "/").startswith(own + "/"),
        )
    )
