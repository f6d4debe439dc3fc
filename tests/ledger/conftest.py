"""An empty store on each database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.databases import open_migrated
from tests.shipped import rulebook

__all__ = ["rulebook"]


@pytest.fixture
def store(database: str) -> Iterator[Engine]:
    engine = open_migrated(database)
    yield engine
    engine.dispose()
