"""An empty store on each database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from ledger.store import migrate, open_store


@pytest.fixture
def store(database: str) -> Iterator[Engine]:
    engine = open_store(database)
    migrate(engine)
    yield engine
    engine.dispose()
