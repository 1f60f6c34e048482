"""Make a model version the one that visitors see, and clear away what is too old."""

from datetime import datetime
from typing import Final

from personalization.learning import artifacts, registry
from personalization.learning.models import ModelVersion
from personalization.recommender.live import KIND
from personalization.recommender.representations import announce, publish_vectors

VERSIONS_KEPT: Final = 3


def promote(*, version: ModelVersion, reason: str, now: datetime) -> ModelVersion:
    """Make a candidate live: its vectors are in Redis before anyone is told of it."""
    publish_vectors(version)
    live = registry.promote(version=version, reason=reason, now=now)
    announce(live)
    return live


def go_back(*, to: ModelVersion, now: datetime) -> ModelVersion:
    """Make an earlier version live again; raises registry.CannotGoLive before anything changes."""
    if not to.can_return:
        raise registry.CannotGoLive(f"{to} is {to.state} or its files were deleted.")
    publish_vectors(to)
    live = registry.go_back(to=to, now=now)
    announce(live)
    return live


def clear_old_versions() -> None:
    """Delete files and vectors of all but the last three versions that were live, and the live.

    Call it when no run is under way: a candidate is then what a broken run left behind.
    """
    versions = ModelVersion.objects.of(KIND)
    kept = set(versions.accepted().values_list("pk", flat=True)[:VERSIONS_KEPT])
    for version in versions.exclude(artifact="").exclude(state=ModelVersion.State.LIVE):
        if version.pk not in kept:
            _clear(version)


def _clear(version: ModelVersion) -> None:
    version.representations.all().delete()
    folder = version.folder
    version.artifact = ""
    version.save(update_fields=["artifact"])
    artifacts.delete(folder)
