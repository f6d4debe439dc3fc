"""Fixtures of every folder, which folder waits to be named, and what is not walked for garbage."""

import gc
from pathlib import Path

import pytest

from tests.databases import database, postgresql, postgresql_database

__all__ = ["database", "postgresql", "postgresql_database"]

FAULTS = Path(__file__).parent / "faults"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Each test of faults takes a server through a crash: `make faults` names the folder, nothing else collects it."""
    named = any(FAULTS.name in Path(argument.split("::")[0]).parts for argument in config.args)
    return True if collection_path == FAULTS and not named else None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Modules and thousands of collected tests stay to the end: walking them for garbage took a third of the time.

    Only where nothing but tests runs: `tests.mutants` finds what it changes among what is walked.
    """
    if hasattr(session.config, "workerinput"):
        gc.collect()
        gc.freeze()
