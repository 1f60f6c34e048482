"""Tell the destinations that were told of a person that the person is to be forgotten."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from itertools import chain

from personalization.activation.models import AudienceMember, Delivery, Told
from personalization.activation.nudging import nudge_deliveries
from personalization.activation.sending import ERASED

# By destination: what it knows each profile by.
Known = dict[str, dict[int, dict[str, list[str]]]]


def tell_of_erasure(profile_ids: Collection[int], *, now: datetime) -> int:
    """Queue `person.erased` for each destination that may know these profiles.

    Returns how many notices were queued. Call it in the transaction that deletes the rows. A
    second call finds nobody any more, and queues nothing.
    """
    notices = [
        Delivery(
            destination_id=destination_id,
            type=ERASED,
            body={
                "type": ERASED,
                "timestamp": now.isoformat(),
                "data": {"profile": profile_id, "identifiers": identifiers},
            },
            created_at=now,
            next_try_at=now,
        )
        for destination_id, people in _known(profile_ids).items()
        for profile_id, identifiers in people.items()
    ]
    Delivery.objects.bulk_create(notices)
    if notices:
        nudge_deliveries()
    return len(notices)


def _known(profile_ids: Collection[int]) -> Known:
    known: Known = defaultdict(dict)
    told = Told.objects.filter(profile_id__in=profile_ids)
    pushed = AudienceMember.objects.filter(profile_id__in=profile_ids)
    rows = chain(
        told.values_list("destination_id", "profile_id", "identifiers"),
        pushed.values_list("audience__destination_id", "profile_id", "identifiers"),
    )
    for destination_id, profile_id, identifiers in rows:
        known[destination_id].setdefault(profile_id, {}).update(identifiers)
    return known
