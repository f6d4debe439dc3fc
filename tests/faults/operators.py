"""Where a server of the fault tests works: a store on disk, many ordinary contracts, a rulebook folder, keys."""

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from engine.tables import Cases
from intake.rulebook import read_rulebook
from ledger import writer
from ledger.records import time_text
from ledger.rulebooks import digest_in_force
from ledger.store import StoreUnavailable, migrate, open_store, reading, writing
from tests.api.world import NOON, ROOT, contracts

AGENTS = 4
PHONE = "galaxy-a17"
WISH = {"device": PHONE, "max_commitment_months": 12}
ENOUGH = 1_000_000
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Place:
    """A store, the folder of its files, and a key for each of a few agents."""

    database: str
    folder: Path
    keys: tuple[str, ...]

    @property
    def rulebook(self) -> Path:
        """The rulebook folder of this place."""
        return self.folder / "rulebook"

    @property
    def kind(self) -> str:
        """Which database: sqlite or postgresql."""
        return self.database.partition(":")[0]

    def open(self, connections: int = 4) -> Engine:
        """The store, from outside of the server."""
        return open_store(self.database, connections)

    def wait_until_there(self) -> None:
        """Wait until the database itself answers."""
        store, give_up = self.open(1), time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with reading(store) as connection:
                    digest_in_force(connection)
                break
            except StoreUnavailable:
                assert time.monotonic() < give_up
                time.sleep(0.01)
        store.dispose()

    def add_contracts(self, ids: list[str]) -> None:
        """Put ordinary contracts on file, each of a customer of its own."""
        one = contracts()
        rows = np.zeros(len(ids), dtype=np.int64)
        names = {"contract_id": np.array(ids, dtype=object), "customer_id": np.array([f"K-{id}" for id in ids], object)}
        cases = Cases({**{name: values[rows] for name, values in one.items()}, **names})
        source = writer.Source("m" * 64, NOON.date(), [{"name": "cost_to_serve_cents", "value": 400}], time_text(NOON))
        store = self.open()
        with writing(store) as connection:
            writer.save_contracts(connection, cases, {"tenure": np.ones(len(ids))}, source)
        store.dispose()

    def set_stock(self, device: str, count: int) -> None:
        """Let the shop hold so many of a device, in the rulebook that the next start reads."""
        path = self.rulebook / "devices.toml"
        changed, times = re.subn(rf"(\[{device}\][^\[]*?stock = )\d+", rf"\g<1>{count}", path.read_text())
        assert times == 1
        path.write_text(changed)


def new_place(database: str, folder: Path) -> Place:
    """A place over an empty database, with more phones of one kind than any test accepts."""
    store = open_store(database)
    migrate(store)
    with writing(store) as connection:
        keys = tuple(writer.create_key(connection, f"agent-{number}", "agent") for number in range(AGENTS))
    store.dispose()
    place = Place(database, folder, keys)
    shutil.copytree(ROOT / "rulebook", place.rulebook)
    place.set_stock(PHONE, ENOUGH)
    read_rulebook(place.rulebook)
    return place
