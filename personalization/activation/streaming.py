"""The stream of who entered and left, for systems that would rather read than be called."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from consent.keyspaces import Keyspace, patient_redis_connection
from personalization.activation.models import Transition

TRANSITIONS: Final = Keyspace(
    "transitions", personal=True, purpose="Who entered and left segments, for systems that read"
)
STREAM: Final = TRANSITIONS.key("segments")
PAGE: Final = 500


def stream_out(transitions: Iterable[Transition]) -> None:
    """Append these; the oldest fall out of the stream. Raises redis.RedisError."""
    pipeline = patient_redis_connection().pipeline(transaction=True)
    for one in transitions:
        pipeline.xadd(STREAM, _fields(one), maxlen=settings.TRANSITIONS_KEPT, approximate=True)
    pipeline.execute()


def streamed(profile_ids: Collection[int]) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Yield (entry id, fields) of what the stream has of these profiles."""
    wanted = {str(profile_id) for profile_id in profile_ids}
    last = "-"
    while page := patient_redis_connection().xrange(STREAM, min=last, count=PAGE):
        for entry_id, raw in page:
            fields = {name.decode(): value.decode() for name, value in raw.items()}
            if fields["profile"] in wanted:
                yield entry_id, fields
        last = f"({page[-1][0].decode()}"


def forget_streamed(profile_ids: Collection[int]) -> None:
    """Take these profiles out of the stream."""
    ids = [entry_id for entry_id, _ in streamed(profile_ids)]
    if ids:
        patient_redis_connection().xdel(STREAM, *ids)


def trim_stream(*, before: datetime) -> None:
    """Let go of what was appended before then."""
    patient_redis_connection().xtrim(STREAM, minid=int(before.timestamp() * 1_000))


def _fields(one: Transition) -> dict[str, Any]:
    return {
        "id": one.pk,
        "type": f"segment.{one.kind}",
        "segment": one.segment_key,
        "profile": one.profile_id,
        "at": one.at.isoformat(),
        "cause": one.cause,
        "ruleset_version": one.ruleset_version,
    }
