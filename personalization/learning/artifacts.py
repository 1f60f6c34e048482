"""A model on disk: arrays and JSON under one checksum, never a pickle."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

META: Final = "meta.json"
ARRAY_SUFFIX: Final = ".npy"


class ArtifactDamaged(Exception):
    """The files are not those that were saved; the message names the folder and why."""


def save(folder: Path, arrays: Arrays, meta: Mapping[str, Any]) -> str:
    """Write a model so that a reader sees all of it or nothing, and return its checksum.

    `folder` must not exist. Arrays of Python objects raise ValueError, for they would need a
    pickle. The checksum is SHA-256 over the names and bytes of all files, in hexadecimal.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder.parent))
    try:
        _write_files(unfinished, arrays, meta)
        checksum = checksum_of(unfinished)
        # Temporary folders are private, but web processes may run as another user.
        unfinished.chmod(0o755)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    _flush_folder(folder.parent)
    return checksum


def load(folder: Path, checksum: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays, mapped from disk and read-only, and the JSON of a saved model.

    Raises ArtifactDamaged when a file is missing, was changed, or holds a pickle.
    """
    try:
        if checksum_of(folder) != checksum:
            raise ArtifactDamaged(f"{folder.name}: the checksum does not match.")
        arrays = {path.stem: _read_array(path) for path in folder.glob(f"*{ARRAY_SUFFIX}")}
        meta: dict[str, Any] = json.loads((folder / META).read_bytes())
    except (OSError, ValueError) as error:
        raise ArtifactDamaged(f"{folder.name}: {error}") from error
    return arrays, meta


def delete(folder: Path) -> None:
    """Remove a model's files; one that is gone already is no error."""
    if folder.exists():
        shutil.rmtree(folder)


def checksum_of(folder: Path) -> str:
    """Return the digest of a folder's files; raises FileNotFoundError when there is none."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.name} {content}\n".encode())
    return total.hexdigest()


def _write_files(folder: Path, arrays: Arrays, meta: Mapping[str, Any]) -> None:
    for name, array in arrays.items():
        with (folder / f"{name}{ARRAY_SUFFIX}").open("wb") as file:
            np.save(file, np.ascontiguousarray(array), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
    with (folder / META).open("w", encoding="utf-8") as file:
        json.dump(meta, file, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    _flush_folder(folder)


def _read_array(path: Path) -> NDArray[Any]:
    array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return array


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
