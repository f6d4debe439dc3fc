"""An operator with three lines and few phones, its clock in our hands; each run begins with a copy of one store."""

import datetime
import shutil
import tomllib
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import event

from api.app import create_app
from api.releases import Releases
from api.rulebooks import Rulebooks
from api.service import Service
from engine.rulebook import Rulebook, parse_rulebook
from engine.tables import Cases, objects
from ledger import writer
from ledger.records import time_text
from ledger.store import open_store, writing
from tests.api.world import HOSTS, NOON, ROOT, Operator, put_in_force, read_texts
from tests.databases import OWNER, PostgreSQL, open_migrated
from tests.life.model import ROLE_OF

ZONE = zoneinfo.ZoneInfo("Europe/Paris")
CUSTOMERS = {"C-1": "K-1", "C-2": "K-1", "C-3": "K-2"}
FEW = {"galaxy-a17": 2, "galaxy-s25": 1}
_DEVICES = "devices.toml"


@dataclass
class Clock:
    """The moment, moved by hand."""

    moment: datetime.datetime = NOON

    def __call__(self) -> datetime.datetime:
        return self.moment

    def here(self) -> datetime.datetime:
        """The moment by the operator's calendar."""
        return self.moment.astimezone(ZONE)


def few_phones() -> Rulebook:
    """The rulebook that ships, with fewer phones than there are lines, and calls of ours at any hour."""
    texts = read_texts(ROOT / "rulebook")
    for device, held in FEW.items():
        before, rest = texts[_DEVICES].split(f"[{device}]", 1)
        stock = f"stock = {tomllib.loads(texts[_DEVICES])[device]['stock']}\n"
        texts[_DEVICES] = f"{before}[{device}]" + rest.replace(stock, f"stock = {held}\n", 1)
    law = texts["law-fr.toml"]
    texts["law-fr.toml"] = law[: law.index("[FR-CALL-H]")]
    return parse_rulebook(texts)


def stock_of(rulebook: Rulebook) -> dict[str, int]:
    """How many of each device a rulebook holds."""
    return {device: told["stock"] for device, told in tomllib.loads(rulebook.texts[_DEVICES]).items()}


def prepare(url: str, rulebook: Rulebook) -> dict[str, str]:
    """The lines and the rulebook in an empty database; returns a key for each agent."""
    store, count = open_migrated(url), len(CUSTOMERS)
    facts = {
        "contract_id": objects(list(CUSTOMERS)),
        "customer_id": objects(list(CUSTOMERS.values())),
        "price_cents": np.array([1790, 2990, 4990]),
        "cost_to_serve_cents": np.full(count, 400),
        "customer_since": np.full(count, np.datetime64("2016-03-01")),
        "p_churn": np.array([0.4, 0.3, 0.5]),
        "p_churn_window_months": np.full(count, 6),
    }
    source = writer.Source("m" * 64, NOON.date(), [], time_text(NOON - datetime.timedelta(days=1)))
    put_in_force(store, rulebook)
    with writing(store) as connection:
        writer.save_contracts(connection, Cases(facts), {}, source)
        keys = {who: writer.create_key(connection, who, role) for who, role in ROLE_OF.items()}
    store.dispose()
    return keys


@dataclass(frozen=True)
class Stand:
    """One application over one store, which can be as it was at first again."""

    operator: Operator
    clock: Clock
    refill: Callable[[], None]

    def begin(self) -> None:
        """Everything as it was at first: nobody has said anything."""
        self.operator.service.store.dispose()
        self.refill()
        self.clock.moment = NOON


def _serve(url: str, keys: dict[str, str], refill: Callable[[], None]) -> Stand:
    clock = Clock()
    service = Service(open_store(url), Rulebooks(), Releases(None, ROOT), ZONE, clock=clock)
    return Stand(Operator(service, create_app(service, HOSTS).test_client(), keys), clock, refill)


def stand_on_a_file(folder: Path, rulebook: Rulebook) -> Stand:
    """A store in a file of SQLite."""
    first, copy = folder / "first.db", folder / "copy.db"

    def refill() -> None:
        for path in folder.glob("copy.db*"):
            path.unlink()
        shutil.copyfile(first, copy)

    stand = _serve(f"sqlite:///{copy}", prepare(f"sqlite:///{first}", rulebook), refill)
    # Every run would wait for the disk some fifty times, and none of them asks what a crash leaves.
    store = stand.operator.service.store
    event.listen(store, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    return stand


def stand_on_a_database(server: PostgreSQL, rulebook: Rulebook) -> Stand:
    """A store in a database of PostgreSQL."""
    first, copy = server.make_database(), server.make_database()
    keys = prepare(server.address(first), rulebook)

    def refill() -> None:
        server.drop_database(copy)
        server.do(f"CREATE DATABASE {copy} OWNER {OWNER} TEMPLATE {first}")

    return _serve(server.address(copy), keys, refill)
