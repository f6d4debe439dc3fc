"""What the desk has heard of the contracts of a file since they were imported: it counts here as it does there."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Row

from engine.tables import Cases
from intake.places import zone_of
from ledger.calls import heard_of_calls, overlay_calls
from ledger.heard import heard_since
from ledger.heard_of import contracts_heard_of
from ledger.snapshots import read_snapshots, write_snapshots
from ledger.store import reading


@dataclass(frozen=True)
class Heard:
    """The store of the desk, the market of the rulebook, and the moment `before` which calls and refusals count."""

    store: Engine
    market: str
    before: datetime.datetime

    def overlay(self, cases: Cases) -> tuple[Cases, int]:
        """(the same rows [n] as the desk has them, how many are other than in the file). Raises StoreUnavailable."""
        at = {contract_id: row for row, contract_id in enumerate(cases["contract_id"].tolist())}
        with reading(self.store) as connection:
            found = contracts_heard_of(connection, list(at))
            rows = np.array([at[one.contract_id] for one in found], dtype=np.int64)
            in_file = write_snapshots(cases.take(rows))
            told = [self._as_heard(connection, *both) for both in zip(found, in_file, strict=True)]
        others = sum(now != then for now, then in zip(told, in_file, strict=True))
        return (_with_rows(cases, rows, read_snapshots(told)) if others else cases), others

    def _as_heard(self, connection: Connection, contract: Row[Any], in_file: Mapping[str, Any]) -> dict[str, Any]:
        facts = {**in_file, **heard_since(contract, in_file)}
        zone = zone_of(self.market, facts["time_zone"], facts["department"])
        calls = heard_of_calls(connection, contract, self.before)
        return {**facts, **overlay_calls(facts, contract.imported_at, calls, zone)}


def _with_rows(cases: Cases, rows: NDArray[np.int64], others: Cases) -> Cases:
    """The same table with other facts in some of its rows."""
    columns = {name: column.copy() for name, column in cases.columns().items()}
    for name, column in columns.items():
        column[rows] = others[name]
    return Cases(columns)
