"""All faults of a mapping are told at once, in order. What is refused, case by case: tests/bad_files."""

from pathlib import Path

import pytest

from engine.errors import Faults
from intake.mapping import read_mapping
from tests.intake.small_files import SMALL, faults_of

ID_ONLY = 'format = 1\nname = "m"\n[facts]\ncontract_id = "id"\n'
SNAPSHOTS = '[snapshots]\nbegin = "b"\nend = "e"\nhorizon_months = 1\n'


def test_all_faults_of_shape_are_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text('format = 2\nname = "M"\nowner = "me"\n[facts]\nprise_cents = "p"\n[dialect]\ndecimal = 5\n')
    with pytest.raises(Faults) as refused:
        read_mapping(path)
    assert faults_of(refused.value) == [
        ("out-of-range", "m.toml:1"),
        ("invalid-string", "m.toml:2"),
        ("unknown-key", "m.toml:3"),
        ("missing-key", "m.toml:4"),
        ("unknown-key", "m.toml:5"),
        ("not-a-choice", "m.toml:7"),
    ]
    assert "did you mean price_cents?" in str(refused.value)


def test_all_faults_of_meaning_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(ID_ONLY + 'price_cents = "p"\n[derived]\nx = { sum = ["@now", "y"] }\n' + SNAPSHOTS)
    with pytest.raises(Faults) as refused:
        read_mapping(path)
    assert [code for code, _ in faults_of(refused.value)] == ["reserved-name", "missing-key", "missing-key"]


def test_a_mapping_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_mapping(tmp_path / "m.toml")
    (tmp_path / "loop.toml").symlink_to(tmp_path / "loop.toml")
    with pytest.raises(OSError, match="symbolic links"):
        read_mapping(tmp_path / "loop.toml")


def test_the_small_mapping_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(SMALL)
    assert read_mapping(path).name == "small"
