"""Tell the destinations that were told of a person that the person is to be forgotten."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from personalization.activation.models import AudienceMember, Delivery
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
    """Return who was told of them: also where a try failed, for the answer may have been lost."""
    known: Known = defaultdict(dict)
    tried = Delivery.objects.filter(profile_id__in=profile_ids, attempts__gt=0)
    rows: Any = tried.values_list("destination_id", "profile_id", "body")
    for destination_id, profile_id, body in rows:
        known[destination_id][profile_id] = body.get("data", {}).get("identifiers", {})
    pushed = AudienceMember.objects.filter(profile_id__in=profile_ids)
    members = pushed.values_list("audience__destination_id", "profile_id", "identifiers")
    for destination_id, profile_id, identifiers in members:
        known[destination_id].setdefault(profile_id, identifiers)
    return known
