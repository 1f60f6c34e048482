"""Make two profiles one."""

from personalization.events.models import Event
from personalization.profiles.facts import empty_facts
from personalization.profiles.folding import merge_facts
from personalization.profiles.models import Profile, ProfileIdentifier, ProfileMerge
from personalization.profiles.remembering import forget
from personalization.vault.moving import move


def merge(*, kept_id: int, absorbed_id: int, reason: str) -> None:
    """Move identifiers, events and facts of the absorbed profile to the kept one.

    Call it inside a transaction.
    """
    pair = Profile.objects.select_for_update().in_bulk(sorted({kept_id, absorbed_id}))
    kept, absorbed = pair[kept_id], pair[absorbed_id]
    kept.facts = merge_facts({**empty_facts(), **kept.facts}, {**empty_facts(), **absorbed.facts})
    kept.has_unkept_acts |= absorbed.has_unkept_acts
    kept.save(update_fields=["facts", "has_unkept_acts"])
    ProfileIdentifier.objects.filter(profile=absorbed).update(profile=kept)
    ProfileMerge.objects.filter(kept=absorbed).update(kept=kept)
    Event.objects.filter(profile_id=absorbed_id).update(profile_id=kept_id)
    move(from_owner=absorbed_id, to_owner=kept_id)
    absorbed.delete()
    ProfileMerge.objects.create(kept=kept, absorbed_id=absorbed_id, reason=reason)
    forget([absorbed_id])
