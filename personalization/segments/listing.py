"""Lists of people: kept by their identifiers, and told to the facts of their profiles.

Which lists a profile is on follows from its identifiers, so the database keeps `facts.lists`: when
an identifier comes to a profile, leaves it or moves in a merge, a trigger writes it anew; when a
list comes or goes, `tell_profiles` does. Decisions read it with the other facts.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Case, IntegerField, QuerySet, Value, When

from consent.subjects import KINDS, Identifier
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.profiles.remembering import mirror
from personalization.rules.parsing import Rule
from personalization.rules.querying import matching_profiles
from personalization.segments.list_filling import Filling, batches
from personalization.segments.list_lines import Refused
from personalization.segments.list_reading import read_members
from personalization.segments.models import ListMember, LiveEntry, MemberList, Segment, saved_rule
from personalization.segments.refusing import lists_in

AT_ONCE: Final = 5_000
# Earlier lists of a segment that are kept to go back to.
KEPT: Final = 5
# More than this is told to the profiles by a worker, so that nobody waits for it.
TOLD_AT_ONCE: Final = 20_000

LATE: Final = timedelta(minutes=10)

EMPTY: Final = "DELETE FROM segments_listmember WHERE member_list_id = %s"
NEXT_NUMBER: Final = "SELECT nextval(pg_get_serial_sequence('segments_memberlist', 'id'))"
# What it is filled with is the text of a queryset.
FREEZE: Final = """
    INSERT INTO segments_listmember (member_list_id, pseudonym)
    SELECT %s, frozen.pseudonym FROM ({}) AS frozen ON CONFLICT DO NOTHING
"""
PROFILES: Final = """
    SELECT DISTINCT i.profile_id FROM segments_listmember m
    JOIN profiles_profileidentifier i ON i.pseudonym = m.pseudonym
    WHERE m.member_list_id = %s ORDER BY 1
"""


def list_rule(key: str) -> dict[str, object]:
    """Return the rule of a static segment whose members are on this list."""
    return {"all": [{"fact": "list", "name": key, "operator": "is_set"}]}


def keep_list(
    *, segment: Segment, lines: Iterable[bytes], kind: str, note: str, by: str, now: datetime
) -> Filling:
    """Keep the identifiers of this kind in the lines as the segment's new list, as saved.

    Raises Unfit, and redis.RedisError where nobody can say who was erased; nothing is kept
    then. Call `tell_profiles` when it is committed.
    """
    found = read_members(lines, kind=kind)
    return keep_members(segment=segment, found=found, note=note, by=by, now=now)


def keep_members(
    *,
    segment: Segment,
    found: Iterable[Identifier | Refused],
    note: str,
    by: str,
    now: datetime,
) -> Filling:
    """Keep what was read already, as `keep_list` does."""
    with transaction.atomic():
        filling = Filling(new_list(segment, note=note, by=by, now=now))
        for batch in batches(found):
            filling.take(batch)
        take_over(filling.member_list, segment, members=filling.members, refused=filling.refused)
    return filling


def freeze_list(*, segment: Segment, rule: Rule, note: str, by: str, now: datetime) -> MemberList:
    """Keep whoever the rule matches at this moment as the segment's new list, as saved.

    Raises NotCountable where that depends on the visit.
    """
    matching = matching_profiles(rule, now=now, resolve=saved_rule)
    return freeze_profiles(segment=segment, profiles=matching, note=note, by=by, now=now)


def freeze_profiles(
    *, segment: Segment, profiles: QuerySet[Profile], note: str, by: str, now: datetime
) -> MemberList:
    """Keep these profiles as the segment's new list, as saved, each by its best identifier."""
    ranks = [When(kind=kind, then=Value(rank)) for rank, kind in enumerate(KINDS)]
    best = Case(*ranks, default=Value(len(KINDS)), output_field=IntegerField())
    named = ProfileIdentifier.objects.filter(profile__in=profiles).order_by(
        "profile_id", best, "pk"
    )
    text, params = named.distinct("profile_id").values("pseudonym").query.sql_with_params()
    with transaction.atomic():
        made = new_list(segment, note=note, by=by, now=now)
        with connection.cursor() as cursor:
            cursor.execute(FREEZE.format(text), [made.pk, *params])
        take_over(made, segment, members=ListMember.objects.filter(member_list=made).count())
    return made


def tell_profiles(member_list: MemberList) -> int:
    """Let the facts of every member we know say so, then call the list ready; return how many.

    May be called again: it goes over all of them once more.
    """
    return max((told for told, _ in telling(member_list)), default=0)


def telling(member_list: MemberList) -> Iterator[tuple[int, int]]:
    """Do so, and yield after each batch how many of how many were told."""
    with connection.cursor() as cursor:
        # A plan made for the table as it was before could look through all of it for each profile.
        cursor.execute("ANALYZE segments_listmember")
    ids, told = _profiles_on(member_list), 0
    for batch in _batches(ids):
        told += _relist(batch)
        yield told, len(ids)
    MemberList.objects.filter(pk=member_list.pk).update(is_ready=True)


def tell_members(*, list_id: int) -> None:
    """Do so for a list that may be gone or done by now, and forget the ones it replaces."""
    made = MemberList.objects.filter(pk=list_id, is_ready=False).first()
    if made is not None:
        tell_profiles(made)
        forget_old_lists(made.segment)


def waiting_lists(*, now: datetime) -> list[int]:
    """Return the lists that should have been ready long ago."""
    late = MemberList.objects.filter(is_ready=False, made_at__lt=now - LATE)
    # An upload looks after its list itself, and may only be half through it.
    late = late.exclude(uploads__isnull=False)
    return list(late.values_list("pk", flat=True))


def forget_old_lists(segment: Segment) -> int:
    """Delete all but the latest lists of a segment, sparing what is saved or live of it."""
    live = LiveEntry.objects.filter(section="segments", key=segment.key).first()
    spared = lists_in(segment.rule)
    if live is not None and live.definition is not None:
        spared |= lists_in(live.definition["rule"])
    old = [one for one in segment.lists.all()[KEPT:] if one.key not in spared]
    for one in old:
        drop_list(one)
    return len(old)


def drop_list(member_list: MemberList) -> None:
    """Delete a list, and let the facts of its members forget it."""
    told = _profiles_on(member_list)
    with connection.cursor() as cursor:
        # Not one by one through the ORM, which would first read a million rows.
        cursor.execute(EMPTY, [member_list.pk])
    member_list.delete()
    for batch in _batches(told):
        _relist(batch)


def new_list(segment: Segment, *, note: str, by: str, now: datetime) -> MemberList:
    """Make an empty list for a segment, which no rule names yet."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBER)
        [(number,)] = cursor.fetchall()
    # With a number that is never given twice, a list cannot be taken for one that was deleted.
    return MemberList.objects.create(
        pk=number,
        segment=segment,
        key=f"{segment.key}-{number}",
        note=note[:200],
        made_by=by[:150],
        made_at=now,
    )


def take_over(made: MemberList, segment: Segment, *, members: int, refused: int = 0) -> None:
    """Let the segment, as saved, be this list."""
    made.members = members
    made.refused = refused
    made.save(update_fields=["members", "refused"])
    segment.rule = list_rule(made.key)
    segment.save(update_fields=["rule", "updated_at"])


def _profiles_on(member_list: MemberList) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(PROFILES, [member_list.pk])
        return [profile_id for (profile_id,) in cursor.fetchall()]


def _batches(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _relist(ids: list[int]) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT segments_relist(%s)", [ids])
        # Before the commit, while nobody else may change them.
        mirror(ids)
    return len(ids)
