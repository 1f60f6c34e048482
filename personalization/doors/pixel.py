"""The pixel: an event from places without scripts, such as an e-mail.

The key in its address is public, so the address may not simply say who the visitor is: that is
signed by us, or it is the visitor whose browser asks.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import urlencode

from django.core import signing
from django.urls import reverse

from personalization.doors.flattening import plain_properties
from personalization.events.keepable import EventRefused

SALT: Final = "events.pixel"
# Parameters of the address that are no properties of the event.
RESERVED: Final = frozenset({"key", "type", "pid", "id"})
CLAIMS: Final = frozenset({"user_id", "anonymous_id"})


def signed_person(*, user_id: str = "", anonymous_id: str = "") -> str:
    """Return the `pid` of a person. It is signed, not encrypted: who has it can read the id."""
    return signing.dumps([user_id, anonymous_id], salt=SALT)


def pixel_address(
    *,
    key: str,
    type: str,
    user_id: str = "",
    anonymous_id: str = "",
    once: str = "",
    properties: Mapping[str, str] | None = None,
    host: str = "",
) -> str:
    """Return the address of a pixel for one person.

    key: a key with the scope `collect`. once: what the pixel is counted once for, such as the
    mailing; empty counts every load. host: such as https://shop.example.
    """
    stated = {
        **(properties or {}),
        "key": key,
        "type": type,
        "pid": signed_person(user_id=user_id, anonymous_id=anonymous_id),
        **({"id": once} if once else {}),
    }
    return f"{host}{reverse('pixel')}?{urlencode(stated)}"


def event_of_load(
    query: Mapping[str, str], *, user_id: str, anonymous_id: str, moment: str
) -> dict[str, Any]:
    """Return the event that this load of the pixel stands for.

    user_id, anonymous_id: who asks, for addresses without a `pid`. moment: tells loads apart.
    Raises EventRefused where the address claims to be somebody without a signature.
    """
    if claimed := min(CLAIMS & query.keys(), default=""):
        raise EventRefused(claimed, "A pixel names its visitor by a signed `pid` only.")
    if any("\x00" in part for pair in query.items() for part in pair):
        raise EventRefused("", "A text contains a NUL byte.")
    if "pid" in query:
        user_id, anonymous_id = _person(query["pid"])
    stated = {name: value for name, value in query.items() if name not in RESERVED}
    return {
        "message_id": _message_id(query, who=f"{user_id}\n{anonymous_id}", moment=moment),
        "type": query.get("type"),
        "user_id": user_id or None,
        "anonymous_id": anonymous_id or None,
        "properties": plain_properties(stated),
    }


def _person(pid: str) -> tuple[str, str]:
    try:
        user_id, anonymous_id = signing.loads(pid, salt=SALT)
    except signing.BadSignature as error:
        raise EventRefused("pid", "This `pid` was not signed here.") from error
    return user_id, anonymous_id


def _message_id(query: Mapping[str, str], *, who: str, moment: str) -> str:
    # The person is part of it, so that nobody can use up another's id.
    said = "\n".join([who, query.get("type", ""), query.get("id") or moment])
    return blake2b(said.encode(), digest_size=16).hexdigest()
