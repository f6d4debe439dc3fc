"""Rulebook folders: all faults of all files at once. What is refused, case by case: tests/bad_files."""

from datetime import date
from pathlib import Path

import pytest

from engine.errors import Faults
from intake.rulebook import read_rulebook
from tests.bad_files.good_files import ROOT, copied_rulebook, spoil
from tests.intake.small_files import faults_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rulebook."""
    return copied_rulebook(tmp_path)


def test_the_shipped_rulebook_is_read_and_holds_today(folder: Path) -> None:
    rulebook = read_rulebook(folder)
    assert rulebook.digest == read_rulebook(ROOT / "rulebook").digest
    assert rulebook.as_of(date(2026, 11, 22)).policy["handling_cents"] == 500


def test_a_changed_word_changes_the_digest(folder: Path) -> None:
    spoil(folder / "texts/fr.toml", "# ", "# ! ")
    assert read_rulebook(folder).digest != read_rulebook(ROOT / "rulebook").digest


def test_the_faults_of_all_files_are_told_at_once(folder: Path) -> None:
    spoil(folder / "devices.toml", "stock = 420", "stock = -1")
    spoil(folder / "texts/nl.toml", "{ends}", "")
    spoil(folder / "policy.toml", "value = 500 }", "value = nan }")
    (folder / "law-fr.toml").unlink()
    with pytest.raises(Faults) as refused:
        read_rulebook(folder)
    assert {where.split(":")[0] for _, where in faults_of(refused.value)} == {
        "devices.toml",
        "texts/nl.toml",
        "policy.toml",
        "law-fr.toml",
    }


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_rulebook(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        read_rulebook(tmp_path / "file")


def test_a_moment_where_a_day_belongs_is_told_in_words(folder: Path) -> None:
    spoil(folder / "policy.toml", "from = 2020-01-01, value = 2_404", "from = 2020-01-01T00:00:00Z, value = 2_404")
    with pytest.raises(Faults) as refused:
        read_rulebook(folder)
    assert "a day such as 2027-01-31" in str(refused.value)
