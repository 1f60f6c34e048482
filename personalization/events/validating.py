"""Accept or refuse one event, naming the field and what to do."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from consent.subjects import Identifier
from personalization.events.accepted import AcceptedEvent
from personalization.events.keepable import EventRefused, Rule, refuse_unkeepable
from personalization.identifiers.kinds import current_kinds
from personalization.vault.carrying import seal_for_stream
from personalization.vault.naming import canonical, personal_traits

MAX_TRAITS: Final = 50
MAX_LISTED: Final = 100
LARGEST: Final = 1e12
NUMBERS: Final = (int, float)
CLOCK_SKEW: Final = timedelta(minutes=10)
OLDEST: Final = timedelta(days=365 * 10)
TYPE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
FIELDS: Final = frozenset(
    {
        "message_id",
        "type",
        "occurred_at",
        "anonymous_id",
        "user_id",
        "properties",
        "context",
        "traits",
        "identifiers",
    }
)
SEALED_KINDS: Final = frozenset({"email", "phone"})
# What is no address names nobody; taken for one it would fuse all who were said to have it.
ADDRESSES: Final[Mapping[str, Rule]] = {
    "email": Rule(
        lambda value: bool(re.fullmatch(r"[^@\s]+@[^@\s]+", value.strip())),
        "Use an e-mail address, such as anna@example.org, or leave the field out.",
    ),
    "phone": Rule(
        lambda value: bool(re.fullmatch(r"(\D*\d){3,}\D*", value)),
        "Use a phone number, such as +44 20 7946 0018, or leave the field out.",
    ),
}
# Direct identifiers do not pass the door in the clear. As traits or identifiers they are sealed for
# the vault, and found by a keyed digest; anywhere else they are left out.
DIRECT: Final = frozenset(
    {
        "email",
        "phone",
        "name",
        "first_name",
        "last_name",
        "firstname",
        "lastname",
        "address",
        "street",
        "birthday",
    }
)


def _is_number(value: Any) -> bool:
    return isinstance(value, NUMBERS) and not isinstance(value, bool) and abs(value) < LARGEST


def _is_text(longest: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and 0 < len(value.strip()) <= longest


PROPERTIES: Final[Mapping[str, Rule]] = {
    "item_id": Rule(_is_text(64), "Use a text of 1 to 64 characters."),
    "category": Rule(_is_text(64), "Use a text of 1 to 64 characters."),
    "order_id": Rule(_is_text(64), "Use a text of 1 to 64 characters."),
    "currency": Rule(_is_text(3), "Use a currency code of three letters, such as GBP."),
    "price": Rule(lambda v: _is_number(v) and v >= 0, "Use a number, zero or more."),
    "value": Rule(_is_number, "Use a number."),
    "quantity": Rule(lambda v: _is_number(v) and v > 0, "Use a number above zero."),
}


def validate(raw: Any, *, now: datetime, source: str = "") -> AcceptedEvent:
    """Return the accepted event; raises EventRefused naming the first field that is wrong."""
    if not isinstance(raw, dict):
        raise EventRefused("", "An event is a JSON object.")
    if not FIELDS.issuperset(raw):
        raise _unknown(raw)
    refuse_unkeepable(raw)
    properties = _object(raw, "properties")
    context = _object(raw, "context")
    traits = _object(raw, "traits")
    _check_properties(properties)
    _check_traits(traits)
    anonymous_id = _id(raw, "anonymous_id", kind="anonymous")
    user_id = _id(raw, "user_id", kind="user")
    if not (anonymous_id or user_id):
        raise EventRefused("anonymous_id", "Say who it was: anonymous_id, user_id or both.")
    is_telling = bool(traits or raw.get("identifiers") is not None)
    event = AcceptedEvent(
        message_id=_text(raw, "message_id", longest=100),
        type=_type(raw),
        occurred_at=moment_of(raw.get("occurred_at"), now=now),
        received_at=now,
        anonymous_id=anonymous_id,
        user_id=user_id,
        # Most events state neither traits nor further identifiers, and are spared the search.
        identifiers=_identifiers(raw, traits) if is_telling else {},
        properties=_without_direct(properties),
        context=_without_direct(context),
        traits={name: value for name, value in traits.items() if canonical(name) is None},
        source=source,
        flags=[],
        sealed=_sealed(raw, traits) if is_telling else b"",
    )
    if event.value is not None and abs(event.value) >= LARGEST:
        raise EventRefused("properties.price", "Price times quantity is too large to be kept.")
    return event


def _unknown(raw: Mapping[Any, Any]) -> EventRefused:
    unknown = min(str(name) for name in raw.keys() - FIELDS)
    fields = ", ".join(sorted(FIELDS))
    return EventRefused(unknown, f"There is no such field. An event has: {fields}.")


def _object(raw: Mapping[str, Any], field: str) -> dict[str, Any]:
    value = raw.get(field)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise EventRefused(field, "Use a JSON object.")
    return value


def _text(raw: Mapping[str, Any], field: str, *, longest: int, path: str = "") -> str:
    value = raw.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise EventRefused(path + field, f"Use a text of 1 to {longest} characters.")
    return value


def _id(raw: Mapping[str, Any], field: str, *, kind: str, path: str = "") -> str:
    if raw.get(field) is None:
        return ""
    value = _text(raw, field, longest=128, path=path).strip()
    if current_kinds().names_nobody(kind, value):
        raise EventRefused(path + field, f"{value!r} names nobody. Leave the field out instead.")
    return value


def _type(raw: Mapping[str, Any]) -> str:
    value = _text(raw, "type", longest=64)
    if not TYPE.fullmatch(value):
        raise EventRefused("type", "Use small letters, digits and underscores, such as item_view.")
    return value


def moment_of(stated: Any, *, now: datetime) -> datetime:
    """Return when it happened, which is now where nothing is stated; raises EventRefused."""
    if stated is None:
        return now
    try:
        moment = datetime.fromisoformat(stated)
    except (TypeError, ValueError) as error:
        raise EventRefused("occurred_at", "Use ISO 8601, such as 2026-03-01T12:00:00Z.") from error
    if moment.tzinfo is None:
        raise EventRefused("occurred_at", "The time zone is missing. Add Z or an offset.")
    if moment > now + CLOCK_SKEW:
        raise EventRefused("occurred_at", "This time is in the future. Check the sender's clock.")
    if moment < now - OLDEST:
        raise EventRefused("occurred_at", "This time is over ten years ago.")
    return moment.astimezone(UTC)


def _check_properties(properties: Mapping[str, Any]) -> None:
    for name, rule in PROPERTIES.items():
        if name in properties and not rule.holds(properties[name]):
            raise EventRefused(f"properties.{name}", rule.message)


def _check_traits(traits: Mapping[str, Any]) -> None:
    if len(traits) > MAX_TRAITS:
        raise EventRefused("traits", f"At most {MAX_TRAITS} traits at once.")
    for name, value in traits.items():
        if not (_is_trait(value) or _is_list(value)):
            said = (
                f"Use a text, a number, true or false, or a list of at most {MAX_LISTED} of them."
            )
            raise EventRefused(f"traits.{name}", said)


def _is_trait(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _is_list(value: Any) -> bool:
    if not isinstance(value, list) or len(value) > MAX_LISTED:
        return False
    return all(one is not None and _is_trait(one) for one in value)


def _identifiers(raw: Mapping[str, Any], traits: Mapping[str, Any]) -> dict[str, str]:
    """Return the pseudonym of each further identifier; traits name e-mail and phone as well."""
    kinds = current_kinds()
    direct = personal_traits(traits)
    stated = {
        kind: direct[kind]
        for kind in SEALED_KINDS
        if isinstance(direct.get(kind), str)
        and ADDRESSES[kind].holds(direct[kind])
        and not kinds.names_nobody(kind, direct[kind])
    }
    for kind in _object(raw, "identifiers"):
        if kind not in kinds.further:
            raise EventRefused(f"identifiers.{kind}", f"Use one of {', '.join(kinds.further)}.")
        stated[kind] = _id(raw["identifiers"], kind, kind=kind, path="identifiers.")
        if stated[kind] and kind in ADDRESSES and not ADDRESSES[kind].holds(stated[kind]):
            raise EventRefused(f"identifiers.{kind}", ADDRESSES[kind].message)
    return {kind: Identifier(kind, value).pseudonym for kind, value in stated.items() if value}


def _sealed(raw: Mapping[str, Any], traits: Mapping[str, Any]) -> bytes:
    """Return what says directly who it was, sealed; empty for the usual event, which does not."""
    stated = {
        kind: value
        for kind, value in (raw.get("identifiers") or {}).items()
        if kind in SEALED_KINDS
    }
    direct = personal_traits(traits)
    if not (stated or direct):
        return b""
    return seal_for_stream({**stated, **direct}, message_id=raw["message_id"])


def _without_direct(values: dict[str, Any]) -> dict[str, Any]:
    if DIRECT.isdisjoint(map(str.lower, values)):
        return values
    return {name: value for name, value in values.items() if name.lower() not in DIRECT}
