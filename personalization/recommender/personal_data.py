"""How the recommender gives and forgets a person."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from consent.keyspaces import patient_redis_connection
from consent.stores import Person
from personalization.learning.models import ModelVersion
from personalization.recommender.live import KIND
from personalization.recommender.models import Representation
from personalization.recommender.representations import (
    VECTORS,
    erase_representations,
    vector_key,
)


class RepresentationStore:
    """What models learned of a profile: vectors in PostgreSQL, and in Redis for serving."""

    name = "recommender"
    covers = frozenset({"recommender.Representation", f"redis:{VECTORS.prefix}"})
    exceptions = (
        "What a model learned of items stays until the next training: it is a sum over many people"
        " and leads to none. That training leaves the person out, for the events are gone.",
    )

    def count(self, person: Person) -> int:
        """Return vectors in PostgreSQL plus those in Redis, over all versions."""
        stored = Representation.objects.filter(profile_id__in=person.profile_ids).count()
        keys = [vector_key(number, pid) for number in _numbers() for pid in person.profile_ids]
        return stored + (int(patient_redis_connection().exists(*keys)) if keys else 0)

    def export(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Yield each vector with the version that it belongs to."""
        rows = Representation.objects.filter(profile_id__in=person.profile_ids)
        for row in rows.select_related("version").order_by("version__number"):
            vector = np.frombuffer(row.vector, np.float32)
            yield {"model_version": row.version.number, "vector": vector.tolist()}

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Delete the vectors, and name the versions that had learned from this person."""
        rows = Representation.objects.filter(profile_id__in=person.profile_ids)
        numbers = sorted(set(rows.values_list("version__number", flat=True)))
        erase_representations(person.profile_ids, numbers=_numbers())
        return {
            "model versions that had learned from this person": numbers,
            "next training": "leaves the person out",
        }


def _numbers() -> list[int]:
    return list(ModelVersion.objects.of(KIND).values_list("number", flat=True))
