"""Which versions there are, and which one is live.

The register is the truth; what follows from it (vectors in Redis) is the affair of the room whose
model it is.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from personalization.learning import artifacts
from personalization.learning.models import ModelVersion


class CannotGoLive(Exception):
    """The version has no files, or was refused; the message says which."""


def register(
    *,
    kind: str,
    arrays: artifacts.Arrays,
    meta: Mapping[str, Any],
    metrics: Mapping[str, Any],
    trained_until: datetime,
    now: datetime,
) -> ModelVersion:
    """Save a trained model under the next number, as a candidate."""
    with transaction.atomic():
        _hold_register(kind)
        number = _next_number(kind)
        name = f"{kind}/{number}"
        folder = Path(settings.ARTIFACT_DIR) / name
        # A folder under a number that was never registered is what a killed run left behind.
        artifacts.delete(folder)
        checksum = artifacts.save(folder, arrays, {**meta, "kind": kind, "number": number})
        return ModelVersion.objects.create(
            kind=kind,
            number=number,
            metrics=dict(metrics),
            trained_at=now,
            trained_until=trained_until,
            artifact=name,
            checksum=checksum,
        )


def refuse(*, version: ModelVersion, reason: str) -> None:
    """Record why a candidate does not go live."""
    version.state = ModelVersion.State.REFUSED
    version.reason = reason
    version.save(update_fields=["state", "reason"])


@transaction.atomic
def promote(*, version: ModelVersion, reason: str, now: datetime) -> ModelVersion:
    """Make a candidate the live version of its kind, and retire the one before."""
    return _make_live(version, reason=reason, now=now)


@transaction.atomic
def go_back(*, to: ModelVersion, now: datetime) -> ModelVersion:
    """Make a retired version live again; raises CannotGoLive when its files are gone."""
    return _make_live(to, reason="Made live again by hand.", now=now)


def live_version(kind: str) -> ModelVersion | None:
    """Return the live version of a kind; None before the first promotion."""
    return ModelVersion.objects.filter(kind=kind, state=ModelVersion.State.LIVE).first()


def _make_live(version: ModelVersion, *, reason: str, now: datetime) -> ModelVersion:
    _hold_register(version.kind)
    version.refresh_from_db()
    if version.state == ModelVersion.State.LIVE:
        return version
    if not version.artifact or version.state == ModelVersion.State.REFUSED:
        raise CannotGoLive(f"{version} is {version.state} or its files were deleted.")
    live = ModelVersion.objects.filter(kind=version.kind, state=ModelVersion.State.LIVE)
    live.update(state=ModelVersion.State.RETIRED)
    version.state = ModelVersion.State.LIVE
    version.reason = reason
    version.promoted_at = now
    version.save(update_fields=["state", "reason", "promoted_at"])
    return version


def _hold_register(kind: str) -> None:
    # Two registrations at once would take the same number; two promotions, the same place.
    with connection.cursor() as cursor:
        key = f"learning:{kind}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _next_number(kind: str) -> int:
    last = ModelVersion.objects.filter(kind=kind).aggregate(last=Max("number"))["last"]
    return int(last or 0) + 1
