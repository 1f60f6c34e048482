"""What may be told of a profile to a partner who knows one of its identifiers."""

import re
from datetime import UTC, datetime
from typing import Any, Final

from consent.checking import CHOICES, Choices, read_choices
from consent.keyspaces import redis_connection
from consent.subjects import Identifier, can_name
from personalization.identifiers.kinds import current_kinds
from personalization.profiles.facts import Facts, count_within
from personalization.profiles.lifecycle import stage_of
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.profiles.provenance import drop_expired

WINDOW_DAYS: Final = 30
PSEUDONYM: Final = "pseudonym"
DIGEST: Final = re.compile("[0-9a-f]{32}")


def pseudonym_of(kind: str, value: str) -> str:
    """Return the pseudonym by which somebody is looked up; empty where this names nobody.

    Of the kind "pseudonym" it is the value itself: who knows it need not write an address.
    """
    if kind == PSEUDONYM:
        return value if DIGEST.fullmatch(value) else ""
    is_name = kind in current_kinds().keys and can_name(kind, value)
    return Identifier(kind, value).pseudonym if is_name else ""


def find_profile(*, kind: str, value: str) -> Profile | None:
    """Return the profile that this identifier leads to; None where there is none."""
    # A text with a NUL names nobody, and PostgreSQL is not asked for it: it sees the digest.
    pseudonym = pseudonym_of(kind, value)
    if not pseudonym:
        return None
    found = ProfileIdentifier.objects.select_related("profile").filter(pseudonym=pseudonym).first()
    return found.profile if found else None


def describe(profile: Profile, *, now: datetime) -> dict[str, Any] | None:
    """Return the profile JSON-ready; None where the person does not allow personalization.

    Raises redis.RedisError while choices cannot be read.
    """
    identifiers = list(profile.identifiers.order_by("kind", "pk"))
    choices = _choices([one.pseudonym for one in identifiers])
    if not choices.allows("personalization"):
        return None
    facts: Facts = profile.facts
    drop_expired(facts, now=now)
    return {
        "identifiers": [
            {"kind": one.kind, "masked": f"…{one.pseudonym[-6:]}"} for one in identifiers
        ],
        # Facts made before a null cleared a trait hold it as a value.
        "traits": {n: value for n, value in facts.get("traits", {}).items() if value is not None},
        "counters": _counters(facts, now=now),
        "first_seen": _moment(min(facts.get("first", {}).values(), default=None)),
        "last_seen": _moment(max(facts.get("last", {}).values(), default=None)),
        "lifecycle": stage_of(facts, now),
        "consent": {"granted": sorted(choices.granted), "denied": sorted(choices.denied)},
    }


def _choices(pseudonyms: list[str]) -> Choices:
    return read_choices(redis_connection().mget([CHOICES.key(name) for name in pseudonyms]))


def _counters(facts: Facts, *, now: datetime) -> dict[str, dict[str, int]]:
    return {
        kind: {
            "last_30_days": count_within(days, window=WINDOW_DAYS, now=now),
            "ever": count_within(days, window=None, now=now),
        }
        for kind, days in facts.get("counts", {}).items()
    }


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
