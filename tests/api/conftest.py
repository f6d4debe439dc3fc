"""The operator of `tests.api.world`, with a store of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from engine.rulebook import Rulebook
from tests.api.world import Operator, fill_store, make_operator, make_store
from tests.records import faults_of_records
from tests.shipped import rulebook

__all__ = ["rulebook"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    engine = make_store(tmp_path)
    yield engine
    assert faults_of_records(engine) == []
    engine.dispose()


@pytest.fixture
def operator(store: Engine, rulebook: Rulebook) -> Operator:
    return make_operator(store, rulebook)


@pytest.fixture
def each_store(database: str) -> Iterator[Engine]:
    """`store` on SQLite, and in the longer tiers on PostgreSQL as well."""
    engine = fill_store(database)
    yield engine
    assert faults_of_records(engine) == []
    engine.dispose()


@pytest.fixture
def each_operator(each_store: Engine, rulebook: Rulebook) -> Operator:
    """`operator` on SQLite, and in the longer tiers on PostgreSQL as well."""
    return make_operator(each_store, rulebook)


@pytest.fixture(scope="module")
def shared_operator(tmp_path_factory: pytest.TempPathFactory, rulebook: Rulebook) -> Iterator[Operator]:
    """One operator for a whole file of tests that change nothing."""
    store = make_store(tmp_path_factory.mktemp("operator"))
    yield make_operator(store, rulebook)
    store.dispose()
