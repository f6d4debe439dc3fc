"""The rulebook that servers and verbs go by: the one in force, and the folder only before there is one."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, update

from api.settings import Settings, read_settings
from commands.in_force import FIRST_NOTE, begin_with, rulebook_in_force
from commands.main import counteroffer
from engine.errors import Faults
from intake.rulebook import read_rulebook
from ledger.rulebooks import every_activation
from ledger.store import reading, writing
from ledger.tables import rulebooks
from tests.api.world import ROOT, put_in_force
from tests.batch.world import ordinary, write_csv, write_mapping
from tests.databases import open_migrated


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.copytree(ROOT / "rulebook", tmp_path / "rulebook")
    found = read_settings({"COUNTEROFFER_RULEBOOK": str(tmp_path / "rulebook")})
    return replace(found, database=f"sqlite:///{tmp_path}/store.db")


@pytest.fixture
def store(settings: Settings) -> Iterator[Engine]:
    engine = open_migrated(settings.database)
    yield engine
    engine.dispose()


def edit(folder: Path) -> None:
    path = folder / "policy.toml"
    path.write_text(re.sub(r"(?s)(\[offer_valid_days\].*?value = )[0-9]+", r"\g<1>20", path.read_text(), count=1))


def test_the_folder_becomes_the_first_rulebook_of_an_empty_store(settings: Settings, store: Engine) -> None:
    first, note = begin_with(store, settings)
    assert first.digest == read_rulebook(settings.rulebook).digest
    assert "is the first rulebook in force" in note
    with reading(store) as connection:
        [row] = every_activation(connection)
    assert (row.digest, row.state, row.proposed_by, row.note) == (first.digest, "in_force", "serve", FIRST_NOTE)
    again, note = begin_with(store, settings)
    assert (again.digest, note) == (first.digest, "")


@pytest.mark.parametrize("how", ["edited", "broken", "gone"])
def test_a_changed_folder_is_told_of_at_start_and_does_nothing(settings: Settings, store: Engine, how: str) -> None:
    first, _ = begin_with(store, settings)
    if how == "edited":
        edit(settings.rulebook)
    elif how == "broken":
        (settings.rulebook / "policy.toml").write_bytes(b"\xff")
    else:
        (settings.rulebook / "policy.toml").unlink()
    found, note = begin_with(store, settings)
    assert found.digest == first.digest
    assert "does nothing until: counteroffer rulebook activate" in note


def test_a_broken_folder_is_no_first_rulebook(settings: Settings, store: Engine) -> None:
    (settings.rulebook / "policy.toml").write_text("broken")
    with pytest.raises(Faults, match="broken-toml"):
        begin_with(store, settings)
    with reading(store) as connection:
        assert every_activation(connection) == []


def test_texts_that_were_tampered_with_do_not_serve(settings: Settings, store: Engine) -> None:
    begin_with(store, settings)
    edit(settings.rulebook)
    other = {name: (settings.rulebook / name).read_text() for name in read_rulebook(settings.rulebook).texts}
    with writing(store) as connection:
        connection.execute(update(rulebooks).values(texts=json.dumps(other)))
    with pytest.raises(Faults, match="rulebook-unusable"):
        begin_with(store, settings)


def test_who_only_asks_makes_no_store(settings: Settings, tmp_path: Path) -> None:
    assert rulebook_in_force(settings).digest == read_rulebook(settings.rulebook).digest
    assert not (tmp_path / "store.db").exists()


def test_what_is_in_force_wins_over_the_folder(settings: Settings, store: Engine) -> None:
    in_force = read_rulebook(settings.rulebook)
    put_in_force(store, in_force)
    edit(settings.rulebook)
    assert rulebook_in_force(settings).digest == in_force.digest


def test_a_batch_goes_by_what_is_in_force_or_by_the_folder_it_is_given(
    settings: Settings, store: Engine, tmp_path: Path
) -> None:
    in_force = read_rulebook(settings.rulebook)
    put_in_force(store, in_force)
    edit(settings.rulebook)
    contracts, mapping = write_csv(tmp_path / "people.csv", [ordinary(0, contract="C-1")]), write_mapping(tmp_path)
    environment = {"COUNTEROFFER_DATABASE": settings.database, "COUNTEROFFER_RULEBOOK": str(settings.rulebook)}
    call = ["score", "--contracts", str(contracts), "--mapping", str(mapping), "--release", "none", "--json"]
    told = []
    for number, more in enumerate(([], ["--rulebook", str(settings.rulebook)])):
        out = str(tmp_path / f"{number}.csv")
        done = CliRunner(env=environment).invoke(counteroffer, [*call, "--out", out, *more])
        assert done.exit_code == 0, done.output
        told.append(json.loads(done.stdout)["versions"]["rulebook"])
    assert told == [in_force.digest, read_rulebook(settings.rulebook).digest]
