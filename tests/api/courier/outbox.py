"""An outbox with something in it, and a courier that does not wait long."""

import datetime
from collections.abc import Iterable

import numpy as np
from sqlalchemy import Engine, select

from api.courier.destination import Destination, read_destination
from api.courier.rounds import Courier, Pace
from api.courier.signature import read_secret
from engine.tables import Cases, objects
from ledger import writer
from ledger.store import writing
from ledger.tables import contracts
from tests.order_system import OrderSystem

QUICK = Pace(patience=0.5, claim=2, first_wait=0.01, longest_wait=0.05)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def fill(store: Engine, count: int, messages: int) -> dict[str, list[str]]:
    """Put messages in the outbox of some contracts, by turns; returns the ids of each contract in their order."""
    names = [f"C-{number}" for number in range(count)]
    columns = {
        "contract_id": objects(names),
        "price_cents": np.full(count, 1790),
        "cost_to_serve_cents": np.zeros(count, dtype=np.int64),
    }
    with writing(store) as connection:
        writer.save_contracts(connection, Cases(columns), {}, writer.Source("m" * 64, datetime.date(2026, 11, 23)))
        subjects = dict(connection.execute(select(contracts.c.contract_id, contracts.c.subject_id)).all())
    posted: dict[str, list[str]] = {name: [] for name in names}
    for number in range(messages):
        with writing(store) as connection:
            for name in names:
                data = {"order_id": f"{name}-{number}"}
                posted[name].append(writer.post(connection, subjects[name], "order.accepted", now(), data))
    return posted


def destination_of(system: OrderSystem) -> Destination:
    secret = read_secret(system.secret)
    assert secret is not None
    found = read_destination(system.url, [secret])
    assert found is not None
    return found


def courier_to(system: OrderSystem, store: Engine, pace: Pace = QUICK) -> Courier:
    return Courier(store, destination_of(system), now, pace)


def in_order(arrived: Iterable[str], posted: dict[str, list[str]]) -> bool:
    """Whether the messages of each contract arrived first in the order in which they were posted."""
    seen = list(arrived)
    return all([each for each in seen if each in ids] == ids for ids in posted.values())
