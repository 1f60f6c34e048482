import hashlib
from pathlib import Path

import numpy as np
import pytest

from personalization.learning import artifacts
from personalization.learning.artifacts import ArtifactDamaged

ARRAYS: artifacts.Arrays = {
    "items": np.arange(6, dtype=np.float32).reshape(2, 3),
    "biases": np.ones(2),
}
META = {"item_ids": ["a", "b"]}


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    checksum = artifacts.save(tmp_path / "model", ARRAYS, META)

    arrays, meta = artifacts.load(tmp_path / "model", checksum)

    assert meta == META
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)


def test_loaded_arrays_cannot_be_written_to(tmp_path: Path) -> None:
    checksum = artifacts.save(tmp_path / "model", ARRAYS, META)
    arrays, _ = artifacts.load(tmp_path / "model", checksum)

    with pytest.raises(ValueError, match="read-only"):
        arrays["items"][0, 0] = 7


def test_equal_content_has_an_equal_checksum(tmp_path: Path) -> None:
    first = artifacts.save(tmp_path / "first", ARRAYS, META)

    assert artifacts.save(tmp_path / "second", ARRAYS, META) == first


@pytest.mark.parametrize("name", ["items.npy", "meta.json"])
def test_one_changed_byte_is_damage(tmp_path: Path, name: str) -> None:
    checksum = artifacts.save(tmp_path / "model", ARRAYS, META)
    path = tmp_path / "model" / name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    with pytest.raises(ArtifactDamaged, match="checksum"):
        artifacts.load(tmp_path / "model", checksum)


def test_a_missing_or_an_added_file_is_damage(tmp_path: Path) -> None:
    checksum = artifacts.save(tmp_path / "model", ARRAYS, META)
    (tmp_path / "model" / "more.npy").write_bytes(b"")

    with pytest.raises(ArtifactDamaged):
        artifacts.load(tmp_path / "model", checksum)
    with pytest.raises(ArtifactDamaged):
        artifacts.load(tmp_path / "nowhere", checksum)


def test_a_pickle_is_not_loaded_even_under_the_right_checksum(tmp_path: Path) -> None:
    artifacts.save(tmp_path / "model", ARRAYS, META)
    objects = np.array([{"a": 1}], dtype=object)
    np.save(tmp_path / "model" / "items.npy", objects, allow_pickle=True)
    checksum = artifacts.checksum_of(tmp_path / "model")

    with pytest.raises(ArtifactDamaged, match="Python objects"):
        artifacts.load(tmp_path / "model", checksum)


def test_an_array_of_objects_is_not_saved_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Object arrays"):
        artifacts.save(tmp_path / "model", {"bad": np.array([{}], dtype=object)}, META)

    assert list(tmp_path.iterdir()) == []


def test_saving_never_replaces_a_model(tmp_path: Path) -> None:
    checksum = artifacts.save(tmp_path / "model", ARRAYS, META)

    with pytest.raises(OSError):
        artifacts.save(tmp_path / "model", {"items": np.zeros(1)}, META)

    assert artifacts.load(tmp_path / "model", checksum)[1] == META


def test_the_checksum_is_over_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    line = f"a {hashlib.sha256(b'x').hexdigest()}\n"

    assert artifacts.checksum_of(tmp_path) == hashlib.sha256(line.encode()).hexdigest()
