"""The schema's history: what it makes of an empty database, and which databases it leaves alone."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

from engine.errors import Faults
from ledger import writer
from ledger.store import migrate, open_store, reading, writing
from ledger.tables import metadata

ROOT = Path(__file__).parents[2]
AT_ONCE = 6
MIGRATE = "import sys; from ledger.store import *; sys.stdin.read(1); migrate(open_store(sys.argv[1]))"


def shape(store: Engine) -> dict[str, Any]:
    """Every column, key, check and index of our tables, as the database itself describes them."""
    seen = inspect(store)
    return {
        table: {
            "columns": [{**column, "type": str(column["type"])} for column in seen.get_columns(table)],
            "key": sorted(seen.get_pk_constraint(table)["constrained_columns"]),
            "points_at": sorted(map(str, seen.get_foreign_keys(table))),
            "checks": sorted(map(str, seen.get_check_constraints(table))),
            "unique": sorted(map(str, seen.get_unique_constraints(table))),
            "indexes": sorted(map(written, seen.get_indexes(table))),
        }
        for table in seen.get_table_names()
        if table in metadata.tables
    }


def written(index: Any) -> str:
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str({**index, "dialect_options": options})


def test_the_revisions_make_the_tables_of_the_code_and_nothing_else(store: Engine) -> None:
    with reading(store) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    migrated = shape(store)
    with writing(store) as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    assert migrated == shape(store)
    assert set(migrated) == set(metadata.tables)
    assert any(table["checks"] for table in migrated.values())


def test_no_column_is_kept_otherwise_by_one_database(store: Engine) -> None:
    kinds = {column["type"] for table in shape(store).values() for column in table["columns"]}
    assert kinds == {"TEXT", "BIGINT", "BLOB" if store.dialect.name == "sqlite" else "BYTEA"}


def test_what_is_in_the_store_is_still_there_after_a_second_start(store: Engine) -> None:
    with writing(store) as connection:
        writer.create_key(connection, "shop-12", "agent")
    before = everything(store)
    migrate(store)
    assert everything(store) == before


def everything(store: Engine) -> dict[str, list[Any]]:
    with reading(store) as connection:
        return {name: list(connection.execute(table.select())) for name, table in metadata.tables.items()}


def test_processes_that_start_at_once_make_the_schema_once(database: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE, database], cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(AT_ONCE)
    ]
    said = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"!")
        process.stdin.flush()
    for process in processes:
        said.append(process.communicate(timeout=60)[1])
    assert [process.returncode for process in processes] == [0] * AT_ONCE, said
    store = open_store(database)
    with reading(store) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    store.dispose()


def test_a_store_that_a_newer_version_made_is_left_alone(store: Engine) -> None:
    with writing(store) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    with pytest.raises(Faults, match=r"other-schema.*revision ffffffffffff, which Counteroffer \S+ does not know"):
        migrate(store)


def test_a_store_from_before_there_were_revisions_is_left_alone(store: Engine) -> None:
    with writing(store) as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    with pytest.raises(Faults, match=r"other-schema.*without a revision.*import the contracts again"):
        migrate(store)
