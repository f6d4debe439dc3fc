"""The store: durable by construction, one writer, one kind of error."""

import datetime
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, Table, insert, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from engine.errors import Faults
from engine.tables import Cases
from ledger import queries, writer
from ledger.snapshots import objects, read_features, read_snapshots
from ledger.store import StoreUnavailable, create_tables, open_store, reading, refuse_unsafe_sqlite, writing
from ledger.tables import api_keys, metadata

SOURCE = writer.Source("m" * 64, datetime.date(2026, 11, 22), [{"name": "cost_to_serve_cents", "value": 400}])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{tmp_path}/new/folder/store.db")
    create_tables(engine)
    yield engine
    engine.dispose()


def cases(*prices: int) -> Cases:
    ids = objects(f"C-{row}" for row in range(len(prices)))
    price = np.array(prices, dtype=np.int64)
    return Cases({"contract_id": ids, "price_cents": price, "cost_to_serve_cents": np.zeros_like(price)})


def price_on_file(store: Engine, contract_id: str) -> int:
    with reading(store) as connection:
        row = queries.find_contract(connection, contract_id)
    assert row is not None
    return int(read_snapshots([json.loads(row.facts)])["price_cents"][0])


@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 51, 2)])
def test_an_sqlite_that_can_lose_pages_is_refused(version: tuple[int, int, int]) -> None:
    with pytest.raises(Faults, match="sqlite-unsafe"):
        refuse_unsafe_sqlite(version)


@pytest.mark.parametrize("version", [(3, 6, 23), (3, 51, 3), (3, 53, 4)])
def test_an_sqlite_that_keeps_its_pages_is_taken(version: tuple[int, int, int]) -> None:
    refuse_unsafe_sqlite(version)


def test_every_connection_is_durable(store: Engine) -> None:
    for _ in range(3):
        with reading(store) as connection:
            pragmas = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
            ]
            assert pragmas == ["wal", 2]


def test_the_tables_are_made_once_and_found_again(store: Engine) -> None:
    create_tables(store)
    assert set(inspect(store).get_table_names()) == set(metadata.tables)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_the_tables_can_be_made_in_postgresql(table: Table) -> None:
    made = str(CreateTable(table).compile(dialect=postgresql.dialect()))
    assert "NUMERIC" not in made
    assert "TIMESTAMP" not in made
    assert ("BIGSERIAL" in made) == (table.name == "decisions")


def test_a_block_that_raises_writes_nothing(store: Engine) -> None:
    def fail_half_way() -> None:
        with writing(store) as connection:
            writer.create_key(connection, "a", "agent")
            raise KeyError("half way")

    with pytest.raises(KeyError):
        fail_half_way()
    with reading(store) as connection:
        assert queries.list_keys(connection) == []


def test_a_second_import_replaces_contracts_and_keeps_the_others(store: Engine) -> None:
    with writing(store) as connection:
        writer.save_contracts(connection, cases(1000, 2000), {}, SOURCE)
    with writing(store) as connection:
        writer.save_contracts(connection, cases(1500), {}, SOURCE)
    assert (price_on_file(store, "C-0"), price_on_file(store, "C-1")) == (1500, 2000)


def test_more_contracts_than_one_statement_holds_are_replaced(store: Engine) -> None:
    for price in (1000, 1100):
        with writing(store) as connection:
            writer.save_contracts(connection, cases(*[price] * 1_234), {}, SOURCE)
    assert {price_on_file(store, f"C-{row}") for row in (0, 499, 500, 1_233)} == {1100}


def test_an_id_twice_in_one_chunk_is_kept_once(store: Engine) -> None:
    both = cases(1000, 2000)
    twice = Cases({**dict(both), "contract_id": objects(["C-0", "C-0"])})
    with writing(store) as connection:
        writer.save_contracts(connection, twice, {"tenure": np.array([1.0, np.nan])}, SOURCE)
        row = queries.find_contract(connection, "C-0")
    assert row is not None
    assert np.isnan(read_features([json.loads(row.features)])["tenure"][0])
    assert price_on_file(store, "C-0") == 2000


def test_nothing_to_save_saves_nothing(store: Engine) -> None:
    with writing(store) as connection:
        writer.save_contracts(connection, cases(), {}, SOURCE)
        assert queries.find_contract(connection, "C-0") is None


def test_writers_wait_for_each_other(store: Engine) -> None:
    def write(agent: int) -> None:
        for _ in range(10):
            with writing(store) as connection:
                writer.create_key(connection, f"agent-{agent}", "agent")

    threads = [threading.Thread(target=write, args=(agent,)) for agent in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(store) as connection:
        assert len(queries.list_keys(connection)) == 40


def test_readers_do_not_wait_for_a_writer(store: Engine) -> None:
    with writing(store) as busy, reading(store) as connection:
        writer.create_key(busy, "a", "agent")
        assert queries.list_keys(connection) == []


def test_a_store_that_is_not_there_says_so(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path}/nowhere/store.db")
    with pytest.raises(StoreUnavailable, match="does not answer"), reading(engine) as connection:
        queries.answers(connection)


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"this is not a database" * 100)
    with pytest.raises(StoreUnavailable, match="does not answer"):
        create_tables(open_store(f"sqlite:///{tmp_path}/store.db"))


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "oracle9://x", "sqlite://host/x", "sqlite://", "sqlite:///:memory:", "sqlite:///f?mode=memory"],
)
def test_a_url_that_cannot_be_is_a_fault(url: str) -> None:
    with pytest.raises(Faults, match="bad-database"):
        open_store(url)


def test_an_error_of_the_store_does_not_say_what_was_in_the_statement(store: Engine) -> None:
    row = {"prefix": "p", "digest": "secret-digest", "agent_id": "a", "role": "agent", "created_at": "now"}
    with writing(store) as connection:
        connection.execute(insert(api_keys).values(**row))
    with pytest.raises(IntegrityError) as refused, writing(store) as connection:
        connection.execute(insert(api_keys).values(**row))
    assert "secret-digest" not in str(refused.value)
