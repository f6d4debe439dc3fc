"""Copies of the shipped rulebook, to be spoilt."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]


def copied_rulebook(folder: Path) -> Path:
    """A copy of the shipped rulebook in a folder."""
    return Path(shutil.copytree(ROOT / "rulebook", folder / "rulebook"))


def spoil(folder: Path, name: str, old: str, new: str) -> int:
    """Replaces the first `old` in a file; the line where it stood."""
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1
