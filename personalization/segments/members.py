"""Who is in a live segment and agreed to what the list is for, page by page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Any, Final

from django.db.models import QuerySet
from django.db.models.fields.json import KT

from consent.checking import choices_behind
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.rules.parsing import Rule, parse_rule
from personalization.rules.querying import matching_profiles
from personalization.rules.references import Resolve
from personalization.segments.models import LiveEntry
from personalization.segments.page_cursors import Cursor

# A group that fewer people share points at one of them.
FEWEST: Final = 10
# Members whose identifiers and choices are read together.
AT_ONCE: Final = 1_000
# Profiles that the rule is held against in one query, whether they match or not.
WINDOW: Final = 5_000
# A page looks at so many and is then given short, even empty, rather than late.
WINDOWS_A_PAGE: Final = 4
# A profile as it comes from the database: its number and its country.
Row = tuple[int, str | None]
Window = tuple[int, int | None]


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
    next_after: Cursor | None


@dataclass(frozen=True, slots=True)
class _Batch:
    """Members who agreed, and up to which profile everybody was looked at; None: all were."""

    members: list[Member]
    until: int | None


def members_page(*, key: str, purpose: str, after: Cursor, limit: int, now: datetime) -> Page:
    """Return members who agreed to the purpose, at most so many, from a bounded number of profiles.

    Until ten were found nobody is named: pages are empty, and the cursor counts. Then the list
    begins. Raises NotLive, TooFew, NotCountable where it takes a visit to tell, and
    redis.RedisError.
    """
    enough = max(limit, FEWEST)
    found: list[Member] = []
    until: int | None = after.position
    matching = _matching(key, now)
    windows = islice(_windows(after.position), WINDOWS_A_PAGE)
    for batch in _batches(matching, purpose, windows, first=enough + 1):
        found += batch.members
        until = batch.until
        if len(found) > enough:
            break
    return _page(found, until=until, after=after, limit=limit)


def _page(found: list[Member], *, until: int | None, after: Cursor, limit: int) -> Page:
    known = min(after.found + len(found), FEWEST)
    if known < FEWEST:
        if until is None:
            raise TooFew
        return Page([], Cursor(until, known))
    if after.found < FEWEST and after.position:
        # Those who were passed over while too few were known.
        return Page([], Cursor(0, FEWEST))
    if len(found) > limit:
        return Page(found[:limit], Cursor(found[limit - 1].profile_id, FEWEST))
    return Page(found, None if until is None else Cursor(until, FEWEST))


def all_members(*, key: str, purpose: str, now: datetime) -> Iterator[Member]:
    """Yield every member who agreed to the purpose; raises like `members_page`, at once."""
    matching = _matching(key, now)
    found = sum(1 for _ in islice(_everyone(matching, purpose), FEWEST))
    if found < FEWEST:
        raise TooFew
    return _everyone(matching, purpose)


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


def _matching(key: str, now: datetime) -> "QuerySet[Profile, Row]":
    rule, resolve = live_rule(key)
    in_order = matching_profiles(rule, now=now, resolve=resolve).order_by("pk")
    # Not the facts: they can be many kilobytes, of which a list needs one word.
    return in_order.values_list("pk", KT("facts__traits__country"))


def _everyone(matching: "QuerySet[Profile, Row]", purpose: str) -> Iterator[Member]:
    for batch in _batches(matching, purpose, _windows(0), first=AT_ONCE):
        yield from batch.members


def _windows(after: int) -> Iterator[Window]:
    """Yield after and up to which profile to look; the last window has no end."""
    ids = Profile.objects.order_by("pk").values_list("pk", flat=True)
    end: int | None = after
    while end is not None:
        after = end
        end = ids.filter(pk__gt=after)[WINDOW - 1 : WINDOW].first()
        yield after, end


def _batches(
    matching: "QuerySet[Profile, Row]", purpose: str, windows: Iterable[Window], *, first: int
) -> Iterator[_Batch]:
    """Yield who matches and agreed, at most `first` of the first query."""
    size = min(first, AT_ONCE)
    for after, end in windows:
        in_window = matching if end is None else matching.filter(pk__lte=end)
        rows = list(in_window.filter(pk__gt=after)[:size])
        while len(rows) == size:
            until, size = rows[-1][0], min(2 * size, AT_ONCE)
            yield _Batch(_agreeing(rows, purpose), until)
            rows = list(in_window.filter(pk__gt=until)[:size])
        yield _Batch(_agreeing(rows, purpose), end)


def _agreeing(rows: Sequence[Row], purpose: str) -> list[Member]:
    """Return those who agreed to the purpose under all they are known by."""
    ids = [profile_id for profile_id, _ in rows]
    known = ProfileIdentifier.objects.filter(profile_id__in=ids).order_by("profile_id", "pk")
    listed = known.values_list("profile_id", "kind", "pseudonym")
    names = {
        profile_id: tuple((kind, pseudonym) for _, kind, pseudonym in group)
        for profile_id, group in groupby(listed, key=lambda row: row[0])
    }
    choices = choices_behind([[name for _, name in names.get(pk, ())] for pk in ids])
    return [
        Member(profile_id, names[profile_id], country or "")
        for (profile_id, country), chosen in zip(rows, choices, strict=True)
        if chosen.allows(purpose)
    ]
