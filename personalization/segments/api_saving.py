"""Save what a partner states about a segment, and what is to be told of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import redis
from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request

from consent.checking import suppressed_since_many
from consent.subjects import Identifier
from personalization.access.errors import Unavailable
from personalization.segments.api_kinds import MOST_IDS
from personalization.segments.api_publishing import caller, go_live
from personalization.segments.api_reading import Stated
from personalization.segments.calling import SavedNames
from personalization.segments.ending import void_edited
from personalization.segments.history import record_saving
from personalization.segments.list_forms import NONE_YET
from personalization.segments.list_telling import tell_soon
from personalization.segments.listing import keep_members, list_rule
from personalization.segments.models import (
    Kind,
    ListMember,
    MemberList,
    Proposal,
    Segment,
    saved_rule,
)
from personalization.segments.recognising import unknown_names
from personalization.segments.refusing import lists_in
from personalization.segments.ruling_out import why_nobody

SENT: Final = "Sent through the API"


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of it: what waits for a second person, and what waits no more."""

    waiting: Proposal | None
    ended: Iterable[Proposal] = ()


def is_saved(segment: Segment, stated: Stated) -> bool:
    """Whether the segment is saved like this already."""
    saved = (segment.name, segment.description, segment.kind, segment.rule)
    made = stated.made
    if saved != (stated.name, stated.description, made.kind, made.rule):
        return False
    return made.members is None or _has(segment, made.members)


def save(segment: Segment, stated: Stated, request: Request, *, before: Segment | None) -> Saved:
    """Save it where anything changed, and publish it where that was asked for; raises Refused."""
    with transaction.atomic():
        if before is None or not is_saved(before, stated):
            _keep(segment, stated, request, before)
        waiting = go_live(segment, request, insists=stated.insists) if stated.publish else None
        ended = [] if waiting else void_edited(key=segment.key, now=timezone.now())
    return Saved(waiting, ended)


def warnings_of(segment: Segment) -> list[dict[str, str]]:
    """Return what is saved all the same, and will surprise."""
    return [{"field": place, "message": said} for place, said in _surprises(segment)]


def _keep(segment: Segment, stated: Stated, request: Request, before: Segment | None) -> None:
    made, by, now = stated.made, caller(request), timezone.now()
    segment.name, segment.description = stated.name, stated.description
    segment.kind, segment.rule = made.kind, made.rule
    segment.save()
    if made.members is not None and (before is None or not _has(before, made.members)):
        try:
            kept = keep_members(segment=segment, found=made.members, note=SENT, by=by, now=now)
        except redis.RedisError as error:
            raise Unavailable from error
        tell_soon(kept.member_list)
    record_saving(segment=segment, before=before, by=by, now=now)


def _has(segment: Segment, stated: Iterable[Identifier]) -> bool:
    """Whether its list, as saved, was made of these; as if nobody had been erased."""
    listed = MemberList.objects.filter(key__in=lists_in(segment.rule))
    names = list({one.pseudonym for one in stated})
    if [len(names)] != [*listed.values_list("members", flat=True)]:
        return not names and not listed
    try:
        erased = suppressed_since_many(names)
    except redis.RedisError as error:
        raise Unavailable from error
    kept = {name for name, since in zip(names, erased, strict=True) if since is None}
    found = ListMember.objects.filter(member_list__in=listed)
    # One more than a partner may state is enough to tell that it is another list.
    return kept == set(found.values_list("pseudonym", flat=True)[: MOST_IDS + 1])


def _surprises(segment: Segment) -> Iterator[tuple[str, str]]:
    if segment.rule == list_rule(NONE_YET):
        yield "ids", "It has no list yet."
    if segment.kind == Kind.STATIC:
        return
    rule = segment.parsed_rule
    reason = why_nobody(rule, resolve=saved_rule, key=segment.key, names=SavedNames())
    if reason:
        yield "rule", f"Nobody can be in it: {reason}."
    yield from ((f"rule.{one.path}", one.message) for one in unknown_names(rule))
