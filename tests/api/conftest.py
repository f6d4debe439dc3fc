"""The operator of `tests.api.world`, with a store of its own for each test."""

import zoneinfo
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from api.app import create_app
from api.releases import Releases
from api.service import Service
from engine.fields import ROLES
from engine.rulebook import Rulebook, parse_rulebook
from ledger import writer
from ledger.store import create_tables, open_store, writing
from tests.api.world import HOSTS, NOON, ROOT, Operator, contracts, read_texts


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return parse_rulebook(read_texts(ROOT / "rulebook"))


def make_store(folder: Path) -> Engine:
    engine = open_store(f"sqlite:///{folder}/store.db")
    create_tables(engine)
    with writing(engine) as connection:
        source = writer.Source("m" * 64, NOON.date(), [{"name": "cost_to_serve_cents", "value": 400}])
        writer.save_contracts(connection, contracts(), {"tenure": np.array([1.0, np.nan, 3.0, 4.0])}, source)
    return engine


def make_operator(store: Engine, rulebook: Rulebook) -> Operator:
    with writing(store) as connection:
        keys = {role: writer.create_key(connection, f"{role}-1", role) for role in ROLES}
        writer.save_rulebook(connection, rulebook.digest, rulebook.texts)
    releases = Releases(None, ROOT)
    service = Service(store, rulebook, releases, zoneinfo.ZoneInfo("Europe/Paris"), clock=lambda: NOON)
    return Operator(service, create_app(service, HOSTS).test_client(), keys)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    engine = make_store(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def operator(store: Engine, rulebook: Rulebook) -> Operator:
    return make_operator(store, rulebook)


@pytest.fixture(scope="module")
def shared_operator(tmp_path_factory: pytest.TempPathFactory, rulebook: Rulebook) -> Iterator[Operator]:
    """One operator for a whole file of tests that change nothing."""
    store = make_store(tmp_path_factory.mktemp("operator"))
    yield make_operator(store, rulebook)
    store.dispose()
