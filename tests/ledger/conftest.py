"""An empty store on each database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.databases import open_migrated


@pytest.fixture
def store(database: str) -> Iterator[Engine]:
    engine = open_migrated(database)
    yield engine
    engine.dispose()
