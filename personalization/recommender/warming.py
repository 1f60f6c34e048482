"""Bring Redis back to what the register says, after it lost its data or a promotion broke off."""

from consent.keyspaces import patient_redis_connection
from personalization.learning import registry
from personalization.learning.models import ModelVersion
from personalization.recommender.live import KIND
from personalization.recommender.representations import LIVE_KEY, announce, publish_vectors


def warm() -> ModelVersion | None:
    """Write the live version and its vectors to Redis again; None when no version is live."""
    live = registry.live_version(KIND)
    if live is not None:
        publish_vectors(live)
        announce(live)
    return live


def warm_if_cold() -> ModelVersion | None:
    """Warm only when Redis names another version than the register; None when all is well."""
    live = registry.live_version(KIND)
    told = patient_redis_connection().get(LIVE_KEY)
    if live is None or told == str(live.number).encode():
        return None
    return warm()
