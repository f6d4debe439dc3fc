"""A bad history of contacts: each bad row is told with its line and reason, a broken file is refused, quickly."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bad_files import broken_tables, doors
from tests.bad_files.doors import Said, call, few_seconds_and_little_memory
from tests.bad_files.good_files import copied_rulebook
from tests.intake.small_files import SMALL
from tests.intake.test_contacts import BAD, CONTACTS, GOOD, HEADER, TERMS, spoilt

MOST_SECONDS, MOST_BYTES, MOST_CHARACTERS = 2.0, 256 * 1024**2, 1_500
LEARN = ("--contacts", "contacts.csv", "--mapping", "mapping.toml", "--rulebook", "rulebook", "--out", "releases")
BROKEN = {title: content for titles in broken_tables.BROKEN.values() for title, (content, _) in titles.items()}


@pytest.fixture
def learn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Said]:
    """What `train` says of a history of contacts."""
    (tmp_path / "mapping.toml").write_text(SMALL + CONTACTS + TERMS)
    copied_rulebook(tmp_path)
    monkeypatch.setitem(doors.VERBS, "train", (*LEARN, "--keys", "keys"))

    def said(content: bytes) -> Said:
        (tmp_path / "contacts.csv").write_bytes(content)
        with few_seconds_and_little_memory(MOST_SECONDS, MOST_BYTES):
            return call("train", tmp_path, monkeypatch)

    return said


@pytest.mark.parametrize("title", BAD)
def test_a_bad_row_is_told_with_its_line_and_its_reason(title: str, learn: Callable[[bytes], Said]) -> None:
    said = learn((HEADER + GOOD + spoilt(title)).encode())
    assert said.exit_code == os.EX_DATAERR
    assert f"left out: line 7: {BAD[title][3]}" in said.err
    assert "Traceback" not in said.err
    assert all(len(line) < MOST_CHARACTERS for line in said.err.splitlines())


@pytest.mark.parametrize("title", BROKEN)
def test_a_broken_file_is_refused_with_its_faults(title: str, learn: Callable[[bytes], Said]) -> None:
    content = BROKEN[title]
    said = learn(content() if callable(content) else content)
    assert (said.exit_code, said.out) == (os.EX_DATAERR, "")
    assert said.faults
    assert "Traceback" not in said.err
    assert all(len(line) < MOST_CHARACTERS for line in said.err.splitlines())


def test_bad_rows_of_the_history_and_of_the_contacts_are_both_told(
    tmp_path: Path, learn: Callable[[bytes], Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    label = '[label]\ncolumn = "ended"\nleft = ["yes"]\nstayed = ["no"]\nwindow_months = 6\n'
    (tmp_path / "mapping.toml").write_text(SMALL + label + CONTACTS + TERMS)
    (tmp_path / "data.csv").write_text("id,price,since,usage,plan,ended\nA1,17.90,,3,x,yes\nA2,17.90,,3,x,perhaps\n")
    monkeypatch.setitem(doors.VERBS, "train", ("--data", "data.csv", *doors.VERBS["train"]))
    said = learn((HEADER + GOOD + spoilt("no group")).encode())
    assert 'left out: line 3: ended: "perhaps" does not say who left' in said.err
    assert "left out: line 7: group: is missing" in said.err
