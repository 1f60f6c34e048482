"""Who is in a live segment and agreed to what the list is for, page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Any, Final

from consent.checking import choices_behind
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.rules.parsing import Rule, parse_rule
from personalization.rules.querying import matching_profiles
from personalization.rules.references import Resolve
from personalization.segments.models import LiveEntry

# A group that fewer people share points at one of them.
FEWEST: Final = 10
AT_ONCE: Final = 1_000
# Where few agreed, a page is given short rather than late.
BATCHES_A_PAGE: Final = 20


class TooFew(Exception):
    """Fewer than ten people would be named."""

    def __init__(self) -> None:
        super().__init__(
            f"Fewer than {FEWEST} people of this segment agreed to this. A list so short points"
            " at single persons, so it is not given."
        )


class NotLive(Exception):
    """The segment is not live, so nobody is in it."""


@dataclass(frozen=True, slots=True)
class Member:
    """One profile; `identifiers` are (kind, pseudonym)."""

    profile_id: int
    identifiers: tuple[tuple[str, str], ...]
    country: str


@dataclass(frozen=True, slots=True)
class Page:
    """Members in the order of their profiles; `next_after` is None at the end."""

    members: list[Member]
    next_after: int | None


def members_page(*, key: str, purpose: str, after: int, limit: int, now: datetime) -> Page:
    """Return the members behind a profile, at most so many.

    Only who agreed to the purpose is named. A page may be short, even empty, before the end.
    Raises NotLive, TooFew, NotCountable where it takes a visit to tell, and redis.RedisError.
    """
    rule = live_rule(key)
    _refuse_few(rule, purpose, now)
    found: list[Member] = []
    for batch in islice(_batches(rule, after=after, now=now), BATCHES_A_PAGE):
        found += _agreeing(batch, purpose)
        if len(found) > limit:
            return Page(found[:limit], found[limit - 1].profile_id)
        if len(batch) < AT_ONCE:
            return Page(found, None)
        after = batch[-1].pk
    return Page(found, after)


def all_members(*, key: str, purpose: str, now: datetime) -> Iterator[Member]:
    """Yield every member who agreed to the purpose; raises like `members_page`, at once."""
    rule = live_rule(key)
    _refuse_few(rule, purpose, now)
    return _everyone(rule, purpose, now)


def live_rule(key: str) -> tuple[Rule, Resolve]:
    """Return the rule of a live segment, and what finds those it names; raises NotLive."""
    rule = _resolve(key)
    if rule is None:
        raise NotLive(f"The segment “{key}” is not live. Publish it first.")
    return rule, _resolve


def _resolve(key: str) -> Rule | None:
    entries = LiveEntry.objects.filter(section="segments", key=key)
    definition: dict[str, Any] | None = entries.values_list("definition", flat=True).first()
    return parse_rule(definition["rule"]) if definition else None


def _everyone(rule: tuple[Rule, Resolve], purpose: str, now: datetime) -> Iterator[Member]:
    for batch in _batches(rule, after=0, now=now):
        yield from _agreeing(batch, purpose)


def _refuse_few(rule: tuple[Rule, Resolve], purpose: str, now: datetime) -> None:
    found = sum(1 for _ in islice(_everyone(rule, purpose, now), FEWEST))
    if found < FEWEST:
        raise TooFew


def _batches(rule: tuple[Rule, Resolve], *, after: int, now: datetime) -> Iterator[list[Profile]]:
    matching = matching_profiles(rule[0], now=now, resolve=rule[1]).order_by("pk")
    while batch := list(matching.filter(pk__gt=after).only("pk", "facts")[:AT_ONCE]):
        yield batch
        after = batch[-1].pk


def _agreeing(profiles: Sequence[Profile], purpose: str) -> list[Member]:
    """Return those who agreed to the purpose under all they are known by."""
    ids = [one.pk for one in profiles]
    rows = ProfileIdentifier.objects.filter(profile_id__in=ids).order_by("profile_id", "pk")
    listed = rows.values_list("profile_id", "kind", "pseudonym")
    names = {
        profile_id: tuple((kind, pseudonym) for _, kind, pseudonym in group)
        for profile_id, group in groupby(listed, key=lambda row: row[0])
    }
    choices = choices_behind([[name for _, name in names.get(pk, ())] for pk in ids])
    return [
        Member(one.pk, names[one.pk], str(one.facts.get("traits", {}).get("country") or ""))
        for one, chosen in zip(profiles, choices, strict=True)
        if chosen.allows(purpose)
    ]
