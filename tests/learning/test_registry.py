from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from personalization.learning import registry
from personalization.learning.models import ModelVersion
from personalization.learning.registry import CannotGoLive

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def artifact_dir(tmp_path: Path, settings: Any) -> Path:
    settings.ARTIFACT_DIR = tmp_path
    return tmp_path


def make_version(kind: str = "test") -> ModelVersion:
    return registry.register(
        kind=kind, arrays={"a": np.ones(1)}, meta={}, metrics={}, trained_until=NOON, now=NOON
    )


def test_versions_of_a_kind_are_numbered_from_one() -> None:
    numbers = [make_version().number, make_version().number, make_version("other").number]

    assert numbers == [1, 2, 1]


def test_promotion_retires_the_version_before() -> None:
    first, second = make_version(), make_version()

    registry.promote(version=first, reason="better", now=NOON)
    registry.promote(version=second, reason="better", now=NOON)

    first.refresh_from_db()
    assert first.state == ModelVersion.State.RETIRED
    assert registry.live_version("test") == second


def test_going_back_makes_the_earlier_version_live() -> None:
    first, second = make_version(), make_version()
    registry.promote(version=first, reason="better", now=NOON)
    registry.promote(version=second, reason="better", now=NOON)

    registry.go_back(to=first, now=NOON)

    assert registry.live_version("test") == first


def test_a_refused_version_cannot_go_live() -> None:
    version = make_version()
    registry.refuse(version=version, reason="worse")

    with pytest.raises(CannotGoLive, match="refused"):
        registry.promote(version=version, reason="", now=NOON)


def test_the_database_allows_one_live_version_of_a_kind() -> None:
    registry.promote(version=make_version(), reason="", now=NOON)
    second = make_version()

    with pytest.raises(IntegrityError, match="one_live_model"), transaction.atomic():
        ModelVersion.objects.filter(pk=second.pk).update(state="live", promoted_at=NOON)


def test_files_of_a_run_that_was_killed_do_not_stand_in_the_way(artifact_dir: Path) -> None:
    left_behind = artifact_dir / "test" / "1"
    left_behind.mkdir(parents=True)
    (left_behind / "half.npy").write_bytes(b"half")

    version = make_version()

    assert not (version.folder / "half.npy").exists()
