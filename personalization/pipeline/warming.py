"""Give a Redis that has lost its memory back what PostgreSQL knows."""

import logging
from typing import Final

from django.utils import timezone

from consent.keyspaces import Keyspace, patient_redis_connection
from consent.mirroring import mirror_everything as mirror_choices
from personalization.activation.due import make_due_again
from personalization.profiles.remembering import mirror_everything as mirror_profiles

logger = logging.getLogger(__name__)

MIRROR: Final = Keyspace("mirror", personal=False, purpose="Whether Redis has what decisions read")
COMPLETE: Final = MIRROR.key("complete")


def warm_if_cold() -> bool:
    """Rebuild what PostgreSQL knows where Redis does not say that it has it.

    That is choices, facts, identifiers and what is due. The mark stands in Redis itself, so it is
    lost together with the rest. Raises redis.RedisError.
    """
    if patient_redis_connection().exists(COMPLETE):
        return False
    choices, _ = mirror_choices()
    profiles = mirror_profiles()
    make_due_again(now=timezone.now())
    patient_redis_connection().set(COMPLETE, 1)
    logger.info("Redis was empty: %d choices and %d profiles are back.", choices, profiles)
    return True
