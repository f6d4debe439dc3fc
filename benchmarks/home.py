"""What the benchmarks run on: a simulated market and a release as `counteroffer demo` makes them, and plain copies."""

import hashlib
import json
import secrets
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine, Row, select

from benchmarks.plain import model, store
from engine.rulebook import Rulebook
from intake.labelled import read_labelled
from intake.mapping import read_mapping
from intake.rulebook import read_rulebook
from ledger.records import time_text
from ledger.store import open_store, reading, writing
from ledger.tables import contracts
from ledger.writer import create_key
from models.registry import load_serving, read_registry, set_current
from models.store import Release

ROOT = Path(__file__).parents[1]
RULEBOOK, MAPPING = ROOT / "rulebook", ROOT / "mappings" / "simulated.toml"
CONTRACTS = 2_000
COUNTEROFFER = Path(sys.executable).with_name("counteroffer")


@dataclass(frozen=True)
class Home:
    """Where market, release and its keys lie; kept from run to run under build/, for training takes a minute."""

    folder: Path

    @property
    def releases(self) -> Path:
        return self.folder / "releases"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def contracts_file(self) -> Path:
        return self.folder / "market" / "contracts.csv"

    @property
    def plain_model(self) -> Path:
        return self.folder / "plain.joblib"

    def release(self) -> Release:
        """The release that serves."""
        release = load_serving(self.releases, self.keys)
        assert release is not None
        return release


@dataclass(frozen=True)
class Stage:
    """One run's own stores in a folder of their own, with the same contracts, and a key for each."""

    folder: Path
    key: str
    plain_key: str

    @property
    def database(self) -> str:
        return database_of(self.folder)

    def open(self) -> Engine:
        """Our store."""
        return open_store(self.database)


def prepare_home() -> Home:
    """The home for the mapping as it is; what is there already stays."""
    home = Home(ROOT / "build" / "benchmarks" / hashlib.sha256(MAPPING.read_bytes()).hexdigest()[:12])
    history = home.folder / "market" / "history.csv"
    if not history.exists():
        run("simulate", "--out", history.parent, "--contracts", CONTRACTS, "--as-of", date.today())
    if read_registry(home.releases, home.keys).serving is None:
        print("training once, kept for the next run; a minute or more ...", flush=True)
        made = run("train", "--data", history, "--mapping", MAPPING, "--out", home.releases, "--keys", home.keys)
        set_current(home.releases, home.keys, made["version"], "benchmarks", time_text(datetime.now(UTC)))
    if not home.plain_model.exists():
        rows = read_labelled([history], read_mapping(MAPPING), date.today())
        frame = pl.DataFrame([_frame_column(name, column) for name, column in rows.features.items()])
        model.save(model.fit(frame, rows.label == 1.0, rows.window_months), home.plain_model)
    return home


def set_the_stage(home: Home, folder: Path) -> Stage:
    """Import the contracts into a store in `folder`, and copy them into the plain one."""
    run("import", "--contracts", home.contracts_file, "--mapping", MAPPING, "--database", database_of(folder))
    ours, plain_key = open_store(database_of(folder)), secrets.token_urlsafe(32)
    with writing(ours) as connection:
        key = create_key(connection, "benchmark", "agent")
    store.fill(folder / "plain.db", ((row.contract_id, row.facts, row.features) for row in on_file(ours)), plain_key)
    ours.dispose()
    (folder / "plain.joblib").symlink_to(home.plain_model)
    return Stage(folder, key, plain_key)


def on_file(ours: Engine) -> list[Row[Any]]:
    """Every contract in our store, in the order of their ids."""
    with reading(ours) as connection:
        return list(connection.execute(select(contracts).order_by(contracts.c.contract_id)))


def rulebook() -> Rulebook:
    """The default rulebook."""
    return read_rulebook(RULEBOOK)


def database_of(folder: Path) -> str:
    """Our store in a folder, as an address."""
    return f"sqlite:///{folder / 'counteroffer.db'}"


def run(*arguments: object) -> Any:
    """One verb of the command line, as a person runs it; what it says as JSON."""
    command = [str(COUNTEROFFER), *map(str, arguments), "--json"]
    return json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)


def _frame_column(name: str, column: Any) -> pl.Series:
    if column.dtype == object:
        return pl.Series(name, column.tolist(), dtype=pl.String)
    return pl.Series(name, column, dtype=pl.Float64).fill_nan(None)
