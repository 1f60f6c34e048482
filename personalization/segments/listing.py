"""Lists of people: kept by their identifiers, and told to the facts of their profiles.

Which lists a profile is on follows from its identifiers, so the database keeps `facts.lists`: when
an identifier comes to a profile, leaves it or moves in a merge, a trigger writes it anew; when a
list comes or goes, `tell_profiles` does. Decisions read it with the other facts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from django.db import connection, transaction
from django.db.models import Case, IntegerField, QuerySet, Value, When

from consent.checking import suppressed_since_many
from consent.subjects import KINDS, Identifier
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.profiles.remembering import mirror
from personalization.rules.parsing import Rule
from personalization.rules.querying import matching_profiles
from personalization.segments.list_reading import Refused, read_members
from personalization.segments.models import ListMember, LiveEntry, MemberList, Segment, saved_rule
from personalization.segments.refusing import lists_in

AT_ONCE: Final = 5_000
# Refused lines that are shown; of the others only the number is told.
SHOWN: Final = 50
# Earlier lists of a segment that are kept to go back to.
KEPT: Final = 5
# More than this is told to the profiles by a worker, so that nobody waits for it.
TOLD_AT_ONCE: Final = 20_000

LATE: Final = timedelta(minutes=10)

NEXT_NUMBER: Final = "SELECT nextval(pg_get_serial_sequence('segments_memberlist', 'id'))"
ADD: Final = """
    INSERT INTO segments_listmember (member_list_id, pseudonym)
    SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING
"""
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


@dataclass(slots=True)
class Upload:
    """What became of an upload: the list, and what was refused, the first lines of it named."""

    member_list: MemberList
    refused: list[Refused] = field(default_factory=list)
    erased: int = 0


def list_rule(key: str) -> dict[str, object]:
    """Return the rule of a static segment whose members are on this list."""
    return {"all": [{"fact": "list", "name": key, "operator": "is_set"}]}


def keep_list(
    *, segment: Segment, lines: Iterable[bytes], kind: str, note: str, by: str, now: datetime
) -> Upload:
    """Keep the identifiers of this kind in the lines as the segment's new list, as saved.

    Raises ListTooLong, and redis.RedisError where nobody can say who was erased; nothing is kept
    then. Call `tell_profiles` when it is committed.
    """
    with transaction.atomic():
        upload = Upload(_new_list(segment, note=note, by=by, now=now))
        for batch in _batches(read_members(lines, kind=kind)):
            _add(upload, batch)
        _take_over(upload.member_list, segment)
    return upload


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
        made = _new_list(segment, note=note, by=by, now=now)
        with connection.cursor() as cursor:
            cursor.execute(FREEZE.format(text), [made.pk, *params])
        _take_over(made, segment)
    return made


def tell_profiles(member_list: MemberList) -> int:
    """Let the facts of every member we know say so, then call the list ready; return how many.

    May be called again: it goes over all of them once more.
    """
    with connection.cursor() as cursor:
        # A plan made for the table as it was before could look through all of it for each profile.
        cursor.execute("ANALYZE segments_listmember")
    told = sum(_relist(ids) for ids in _profiles_on(member_list))
    MemberList.objects.filter(pk=member_list.pk).update(is_ready=True)
    return told


def tell_members(*, list_id: int) -> None:
    """Do so for a list that may be gone or done by now, and forget the ones it replaces."""
    made = MemberList.objects.filter(pk=list_id, is_ready=False).first()
    if made is not None:
        tell_profiles(made)
        forget_old_lists(made.segment)


def waiting_lists(*, now: datetime) -> list[int]:
    """Return the lists that should have been ready long ago."""
    late = MemberList.objects.filter(is_ready=False, made_at__lt=now - LATE)
    return list(late.values_list("pk", flat=True))


def forget_old_lists(segment: Segment) -> int:
    """Delete all but the latest lists of a segment, sparing what is saved or live of it."""
    live = LiveEntry.objects.filter(section="segments", key=segment.key).first()
    spared = lists_in(segment.rule)
    if live is not None and live.definition is not None:
        spared |= lists_in(live.definition["rule"])
    old = [one for one in segment.lists.all()[KEPT:] if one.key not in spared]
    for one in old:
        told = list(_profiles_on(one))
        one.delete()
        for ids in told:
            _relist(ids)
    return len(old)


def _new_list(segment: Segment, *, note: str, by: str, now: datetime) -> MemberList:
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


def _add(upload: Upload, batch: Sequence[Identifier | Refused]) -> None:
    made = upload.member_list
    refused = [one for one in batch if isinstance(one, Refused)]
    made.refused += len(refused)
    upload.refused += refused[: SHOWN - len(upload.refused)]
    pseudonyms = list({one.pseudonym for one in batch if isinstance(one, Identifier)})
    erased = suppressed_since_many(pseudonyms)
    kept = [name for name, since in zip(pseudonyms, erased, strict=True) if since is None]
    upload.erased += len(pseudonyms) - len(kept)
    with connection.cursor() as cursor:
        cursor.execute(ADD, [made.pk, kept])
        made.members += cursor.rowcount


def _take_over(made: MemberList, segment: Segment) -> None:
    made.members = ListMember.objects.filter(member_list=made).count()
    made.save(update_fields=["members", "refused"])
    segment.rule = list_rule(made.key)
    segment.save(update_fields=["rule", "updated_at"])


def _profiles_on(member_list: MemberList) -> Iterator[list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(PROFILES, [member_list.pk])
        ids = iter([profile_id for (profile_id,) in cursor.fetchall()])
    while batch := list(islice(ids, AT_ONCE)):
        yield batch


def _relist(ids: list[int]) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT segments_relist(%s)", [ids])
        # Before the commit, while nobody else may change them.
        mirror(ids)
    return len(ids)


def _batches(found: Iterable[Identifier | Refused]) -> Iterator[list[Identifier | Refused]]:
    left = iter(found)
    while batch := list(islice(left, AT_ONCE)):
        yield batch
