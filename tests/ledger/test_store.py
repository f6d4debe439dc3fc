"""The store on either database: one writer, one moment for who reads, one kind of error."""

import datetime
import json
import sys
import threading
import traceback

import numpy as np
import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from engine.errors import Faults
from engine.tables import Cases, objects
from ledger import queries, writer
from ledger.snapshots import read_features, read_snapshots
from ledger.store import open_store, reading, writing
from ledger.tables import api_keys, chain

SOURCE = writer.Source("m" * 64, datetime.date(2026, 11, 22), [{"name": "cost_to_serve_cents", "value": 400}])


def cases(*prices: int) -> Cases:
    ids = objects(f"C-{row}" for row in range(len(prices)))
    price = np.array(prices, dtype=np.int64)
    return Cases({"contract_id": ids, "price_cents": price, "cost_to_serve_cents": np.zeros_like(price)})


def price_on_file(store: Engine, contract_id: str) -> int:
    with reading(store) as connection:
        row = queries.find_contract(connection, contract_id)
    assert row is not None
    return int(read_snapshots([json.loads(row.facts)])["price_cents"][0])


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


def test_who_reads_sees_one_moment(store: Engine) -> None:
    with reading(store) as connection:
        assert queries.list_keys(connection) == []
        with writing(store) as busy:
            writer.create_key(busy, "a", "agent")
        assert queries.list_keys(connection) == []
    with reading(store) as connection:
        assert len(queries.list_keys(connection)) == 1


def test_a_row_that_is_locked_is_read_again_once_it_is_free(store: Engine) -> None:
    head = select(chain).with_for_update()

    def move() -> None:
        for _ in range(25):
            with writing(store) as connection:
                length = connection.execute(head).one().length
                connection.execute(chain.update().values(length=length + 1))

    threads = [threading.Thread(target=move) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(store) as connection:
        assert connection.execute(select(chain.c.length)).scalar() == 100


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "oracle9://x",
        "mysql://x/y",
        "postgresql+psycopg2://x/y",
        "sqlite://host/x",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///f?mode=memory",
    ],
)
def test_a_url_that_cannot_be_is_a_fault(url: str) -> None:
    with pytest.raises(Faults, match="bad-database"):
        open_store(url)


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ledger.postgresql", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Faults, match=r"bad-database.*psycopg.*install counteroffer\[postgres\]"):
        open_store("postgresql://counteroffer@/x")


@pytest.mark.parametrize("missing", ["prefix", "role"])
def test_an_error_of_the_store_does_not_say_what_was_in_the_row(store: Engine, missing: str) -> None:
    row = {"prefix": "secret-0", "digest": "secret-1", "agent_id": "secret-2", "role": "secret-3", "created_at": "now"}
    with writing(store) as connection:
        connection.execute(insert(api_keys).values(**row))
    again = row if missing == "prefix" else {**row, missing: None}
    with pytest.raises(IntegrityError) as refused, writing(store) as connection:
        connection.execute(insert(api_keys).values(**again))
    assert "secret" not in "".join(traceback.format_exception(refused.value))
