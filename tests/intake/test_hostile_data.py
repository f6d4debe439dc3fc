"""Columns that are missing and files that do not belong together. What is refused, case by case: tests/bad_files."""

from pathlib import Path

import pytest

from engine.errors import Faults
from tests.intake.small_files import SMALL, Read, faults_of, file_of, mapping_of

HEADER = b"id,price,since,usage,plan\n"
ROW = b"A1,17.90,2016-11-05,3.5,x\n"
PLAIN = HEADER + ROW


def test_a_data_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Read([tmp_path / "data.csv"], mapping_of(tmp_path, SMALL))


def test_all_missing_columns_are_told_at_once_with_the_nearest_name(tmp_path: Path) -> None:
    path = file_of(tmp_path, b"id,prices,plan\nA1,1,x\n")
    with pytest.raises(Faults) as refused:
        Read([path], mapping_of(tmp_path, SMALL))
    assert [fault.what for fault in refused.value.faults] == [
        "no column 'price'",
        "no column 'since'",
        "no column 'usage'",
    ]
    assert "did you mean 'prices'?" in str(refused.value)


JOINED = SMALL.replace("[facts]", '[tables]\nmain = "main"\njoin = [{ table = "other", on = "id" }]\n\n[facts]')
MAIN = "id,price,since,usage\nA1,1,,1\n"

BAD_JOINS: dict[str, tuple[dict[str, str], list[tuple[str, str]]]] = {
    "a key that stands twice": (
        {"main.csv": MAIN, "other.csv": "id,plan\nA1,x\nA2,y\nA1,z\n"},
        [("repeated-key", "other.csv:4")],
    ),
    "a joined table with broken rows": (
        {"main.csv": MAIN, "other.csv": "id,plan\nA1,x,y\nA2\n"},
        [("bad-row", "other.csv:2"), ("bad-row", "other.csv:3")],
    ),
    "a joined table without the key": (
        {"main.csv": MAIN, "other.csv": "key,plan\nA1,x\n"},
        [("missing-column", "other.csv:1")],
    ),
    "a column of both tables": (
        {"main.csv": MAIN.replace("since", "since,plan").replace(",,", ",,x,"), "other.csv": "id,plan\nA1,x\n"},
        [("repeated-column", "other.csv:1")],
    ),
    "a table that is not there": ({"main.csv": MAIN}, [("wrong-files", "mapping.toml:1")]),
    "a table that nobody asked for": (
        {"main.csv": MAIN, "other.csv": "id,plan\n", "third.csv": "id\n"},
        [("wrong-files", "third.csv:1")],
    ),
    "the same table twice": (
        {"main.csv": MAIN, "other.csv": "id,plan\n", "other.csv.gz": "id,plan\n"},
        [("wrong-files", "other.csv.gz:1")],
    ),
}


@pytest.mark.parametrize("title", BAD_JOINS)
def test_several_files_are_refused_for(title: str, tmp_path: Path) -> None:
    files, expected = BAD_JOINS[title]
    paths = [file_of(tmp_path, content, name) for name, content in files.items()]
    with pytest.raises(Faults) as refused:
        Read(paths, mapping_of(tmp_path, JOINED))
    assert faults_of(refused.value) == expected


def test_a_mapping_of_one_table_takes_one_file(tmp_path: Path) -> None:
    paths = [file_of(tmp_path, PLAIN, name) for name in ("a.csv", "b.csv")]
    with pytest.raises(Faults) as refused:
        Read(paths, mapping_of(tmp_path, SMALL))
    assert faults_of(refused.value) == [("wrong-files", "mapping.toml:1")]
