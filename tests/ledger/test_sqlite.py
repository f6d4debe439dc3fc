"""What is particular to SQLite: versions that lose pages, pragmas, and files that are none."""

from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from engine.errors import Faults
from ledger.sqlite import refuse_unsafe_sqlite
from ledger.store import StoreUnavailable, migrate, open_store, reading, writing


@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 51, 2)])
def test_an_sqlite_that_can_lose_pages_is_refused(version: tuple[int, int, int]) -> None:
    with pytest.raises(Faults, match="sqlite-unsafe"):
        refuse_unsafe_sqlite(version)


@pytest.mark.parametrize("version", [(3, 6, 23), (3, 51, 3), (3, 53, 4)])
def test_an_sqlite_that_keeps_its_pages_is_taken(version: tuple[int, int, int]) -> None:
    refuse_unsafe_sqlite(version)


def test_every_connection_is_durable_and_keeps_references(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/new/folder/store.db")
    migrate(store)
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for _ in range(3):
        with reading(store) as connection:
            assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected} == expected
    store.dispose()


def test_a_row_that_points_at_nothing_is_refused(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    migrate(store)
    row = "INSERT INTO bodies (sequence, subject_id, salt, content) VALUES (7, 'nobody', x'00', x'00')"
    with pytest.raises(IntegrityError), writing(store) as connection:
        connection.exec_driver_sql(row)
    store.dispose()


def test_a_store_that_is_not_there_says_so(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path}/nowhere/store.db")
    with pytest.raises(StoreUnavailable, match="does not answer"), reading(engine) as connection:
        connection.exec_driver_sql("SELECT 1")


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"this is not a database" * 100)
    with pytest.raises(StoreUnavailable, match="does not answer"):
        migrate(open_store(f"sqlite:///{tmp_path}/store.db"))
