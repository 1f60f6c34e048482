"""How this room gives and forgets a person, and tells others to."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import Model
from django.utils import timezone

from consent.keyspaces import patient_redis_connection
from consent.stores import Person
from personalization.activation.due import DUE, SHOWN, count_unwritten, write_down_shown
from personalization.activation.erasing import tell_of_erasure
from personalization.activation.models import (
    AudienceMember,
    Delivery,
    Firing,
    Membership,
    Told,
    Transition,
)
from personalization.activation.streaming import TRANSITIONS, forget_streamed, streamed

TABLES: Final[tuple[type[Model], ...]] = (
    Membership,
    Transition,
    Delivery,
    Firing,
    AudienceMember,
    Told,
)
LEFT_OUT: Final = frozenset({"id", "body"})


class ActivationStore:
    """Memberships, what was told of them and to whom, and the stream of both."""

    name = "activation"
    covers = frozenset(
        {
            *(model._meta.label for model in TABLES),
            f"redis:{TRANSITIONS.prefix}",
            f"redis:{DUE.prefix}",
            f"redis:{SHOWN.prefix}",
        }
    )
    exceptions = (
        "The notice of the erasure names the person to each destination that was told of them, by"
        " the pseudonyms it knows, until the destination acknowledges it. That it did stays.",
    )

    def count(self, person: Person) -> int:
        """Return rows, entries of the stream, and activities that are due or were shown."""
        rows: int = sum(_rows(model, person).count() for model in TABLES)
        due = [DUE.key(profile_id) for profile_id in person.profile_ids]
        waiting = int(patient_redis_connection().exists(*due)) if due else 0
        unwritten = count_unwritten(person.profile_ids)
        return rows + waiting + unwritten + sum(1 for _ in streamed(person.profile_ids))

    def export(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Yield what was noticed of the person, and what was told to whom."""
        for model in TABLES:
            for row in _rows(model, person).values():
                kept = {name: value for name, value in row.items() if name not in LEFT_OUT}
                yield {"record": model._meta.verbose_name, **kept}

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Tell each destination that knows the person, then delete every trace."""
        told = tell_of_erasure(person.profile_ids, now=timezone.now())
        # Redis has it no longer once it is in the rows, which go next.
        write_down_shown()
        for model in TABLES:
            _rows(model, person).delete()
        forget_streamed(person.profile_ids)
        due = [DUE.key(profile_id) for profile_id in person.profile_ids]
        if due:
            patient_redis_connection().delete(*due)
        return {"destinations_told": told}


def _rows(model: type[Model], person: Person) -> Any:
    return model._default_manager.filter(profile_id__in=person.profile_ids)
