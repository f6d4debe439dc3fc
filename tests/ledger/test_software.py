"""The digest of the code is that of the code: it moves with any module that scores or decides, and with no other."""

import shutil
from pathlib import Path

import pytest

import ledger.software
from tests.api.world import ROOT


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The modules in another place, and the ledger looking there."""
    for folder in (*ledger.software.FOLDERS, "ledger"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(ledger.software, "_ROOT", tmp_path)
    return tmp_path


def code() -> str:
    return ledger.software.software.__wrapped__()["code"]


def test_the_same_modules_have_the_same_digest_wherever_they_lie(copy: Path) -> None:
    assert code() == ledger.software.software()["code"]


@pytest.mark.parametrize("name", ["engine/rules/law.py", "models/churn.py"])
def test_one_letter_changed_is_another_code(copy: Path, name: str) -> None:
    path = copy / name
    path.write_text(path.read_text("utf-8").replace("\n", " \n", 1), "utf-8")
    assert code() != ledger.software.software()["code"]


def test_a_module_that_moved_or_went_is_another_code(copy: Path) -> None:
    (copy / "engine/money.py").rename(copy / "engine/coins.py")
    moved = code()
    (copy / "engine/coins.py").unlink()
    assert len({moved, code(), ledger.software.software()["code"]}) == 3


def test_what_neither_scores_nor_decides_does_not_count(copy: Path) -> None:
    (copy / "ledger/store.py").unlink()
    assert code() == ledger.software.software()["code"]
