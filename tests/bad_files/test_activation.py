"""Every bad rulebook file is refused whole by `rulebook activate`, and the server goes on as it was."""

import contextlib
import io
import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from commands import main
from commands.rulebook import activation
from ledger import writer
from ledger.rulebooks import digest_in_force, every_activation
from ledger.store import reading, writing
from tests.bad_files.corpus import corpus, prepare
from tests.bad_files.doors import Said
from tests.faults.operators import WISH, Place, new_place
from tests.faults.servers import Server

BROKEN = [bad for bad in corpus() if bad.door == "rulebook"]
FEWEST = 200
QUESTION = {"contract_id": "C-1", "channel": "phone_in", "wants": WISH}
ACTIVATE = ("rulebook", "activate", "rulebook", "--by", "A. Martin", "--note", "as it came")
LOADED = (activation,)
"""Imported beforehand: what a verb loads is not what a bad file costs."""


def call(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Said:
    monkeypatch.chdir(folder)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as left:
        main.main(ACTIVATE)
    return Said(int(str(left.value.code)), out.getvalue(), err.getvalue())


def supposed(server: Server, key: str) -> dict[str, Any]:
    """What would be offered: worked out anew each time, and written nowhere."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    address = f"http://127.0.0.1:{server.port}/what-if"
    asked = urllib.request.Request(address, json.dumps(QUESTION).encode(), headers)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def manager_of(place: Place) -> str:
    store = place.open()
    with writing(store) as connection:
        key = writer.create_key(connection, "manager-1", "manager")
    store.dispose()
    return key


@pytest.mark.long
def test_two_hundred_broken_rulebooks_are_refused_and_the_old_one_keeps_serving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(BROKEN) >= FEWEST
    place = new_place(f"sqlite:///{tmp_path}/store.db", tmp_path)
    place.add_contracts(["C-1"])
    monkeypatch.setenv("COUNTEROFFER_DATABASE", place.database)
    key = manager_of(place)
    with Server(place).running() as server:
        before = supposed(server, key)
        for number, bad in enumerate(BROKEN):
            folder = tmp_path / f"{number}"
            folder.mkdir()
            prepare(folder)
            faults = bad.make(folder)
            said = call(folder, monkeypatch)
            assert (bad.title, said.faults, said.exit_code, said.out) == (bad.title, faults, bad.exit_code, "")
            assert "Traceback" not in said.err
            assert supposed(server, key) == before
    store = place.open()
    with reading(store) as connection:
        assert [(row.digest, row.state) for row in every_activation(connection)] == [
            (digest_in_force(connection), "in_force")
        ]
    store.dispose()
