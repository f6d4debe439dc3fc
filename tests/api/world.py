"""A small operator: a store with a few contracts, a key a role, and the application over them."""

import datetime
import zoneinfo
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from flask.testing import FlaskClient
from sqlalchemy import Engine

from api.app import create_app
from api.releases import Releases
from api.rulebooks import Rulebooks
from api.service import Service
from engine.rulebook import Rulebook
from engine.tables import Cases, objects
from ledger import writer
from ledger.journal import By
from ledger.keys import KEY_ROLES
from ledger.records import time_text
from ledger.rulebooks import digest_in_force
from ledger.store import writing
from tests.databases import open_migrated

ROOT = Path(__file__).parents[2]
NOON = datetime.datetime(2026, 11, 23, 11, 0, tzinfo=datetime.UTC)
ASKED = {"contract_id": "C-1", "channel": "phone_in"}
HOSTS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Operator:
    """A service, a client of it, and the headers of a key a role."""

    service: Service
    client: FlaskClient
    keys: dict[str, str]

    def headers(self, role: str = "agent") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def under(self, rulebook: Rulebook) -> "Operator":
        """The same operator, with another rulebook in force from now on."""
        put_in_force(self.service.store, rulebook)
        return self

    def with_service(self, **changes: object) -> "Operator":
        service = replace(self.service, **changes)
        return Operator(service, create_app(service, HOSTS).test_client(), self.keys)


def read_texts(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.toml")}


def contracts() -> Cases:
    """Four contracts: an ordinary one, one with a fault, one who objected, one with a wish and no score on file."""
    return Cases(
        {
            "contract_id": objects(["C-1", "C-fault", "C-objects", "C-wish"]),
            "customer_id": objects(["K-1", "K-2", "K-3", "K-4"]),
            "price_cents": np.array([1790, 2490, 2490, 2990]),
            "cost_to_serve_cents": np.array([400, 500, 500, 500]),
            "customer_since": np.array(["2016-03-01", "2020-01-15", "2021-07-01", "2019-05-20"], dtype="datetime64[D]"),
            "open_fault": objects(["", "no signal at home", "", ""]),
            "objects_to_profiling": np.array([False, False, True, False]),
            "wants_device": objects(["", "", "", "galaxy-a17"]),
            "p_churn": np.array([0.4, 0.3, 0.3, np.nan]),
            "p_churn_window_months": np.array([6, 6, 6, -1]),
        }
    )


def make_store(folder: Path) -> Engine:
    return fill_store(f"sqlite:///{folder}/store.db")


def fill_store(url: str) -> Engine:
    """The store in an empty database of either kind."""
    engine = open_migrated(url)
    with writing(engine) as connection:
        assumed = [{"name": "cost_to_serve_cents", "value": 400}]
        source = writer.Source("m" * 64, NOON.date(), assumed, time_text(NOON - datetime.timedelta(days=1)))
        writer.save_contracts(connection, contracts(), {"tenure": np.array([1.0, np.nan, 3.0, 4.0])}, source)
    return engine


def put_in_force(store: Engine, rulebook: Rulebook) -> None:
    """A rulebook in force, as `counteroffer rulebook activate` puts it."""
    with writing(store) as connection:
        over = digest_in_force(connection)
        change = writer.Change(rulebook.digest, rulebook.texts, "for this test", over)
        writer.activate_rulebook(connection, change, writer.Act(By("a test", "manager"), NOON))


class KnownRulebooks(Rulebooks):
    """Those of the store, of which one need not be parsed again for each test."""

    def __init__(self, known: Rulebook) -> None:
        super().__init__()
        self._parsed[known.digest] = known


def make_operator(store: Engine, rulebook: Rulebook) -> Operator:
    with writing(store) as connection:
        keys = {role: writer.create_key(connection, f"{role}-1", role) for role in KEY_ROLES}
    put_in_force(store, rulebook)
    releases = Releases(None, ROOT)
    service = Service(store, KnownRulebooks(rulebook), releases, zoneinfo.ZoneInfo("Europe/Paris"), clock=lambda: NOON)
    return Operator(service, create_app(service, HOSTS).test_client(), keys)
