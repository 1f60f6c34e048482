"""The pictures that pages show are those that are there, and that `make screenshots` takes."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]


def texts(paths: list[Path]) -> str:
    return "\n".join(path.read_text() for path in paths)


def test_every_picture_is_shown_and_taken() -> None:
    shown = set(re.findall(r"pictures/([\w-]+)\.png", texts(PAGES)))
    there = {path.stem for path in (ROOT / "docs" / "pictures").iterdir()}
    scripts = texts([ROOT / "deploy" / name for name in ("screenshots.py", "segment_pictures.py")])
    pressed = re.findall(r'picture\(\w+, "([\w-]+)"', scripts)
    listed = re.findall(r'\("(segment-\w+)"', scripts)

    assert shown == there == {*pressed, *listed}
