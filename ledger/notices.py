"""What the journal holds of notices (EU-BEST): who was told of the end of a commitment and of the best tariff."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, select

from ledger.tables import contracts, events

NOTIFIED = "notified"
END_OF_COMMITMENT, BEST_TARIFF = "end_of_commitment", "best_tariff"
PAGE = 5_000

_NOTIFIED = select(events.c.subject_id, events.c.details).where(events.c.kind == NOTIFIED).order_by(events.c.sequence)
_CONTRACTS = (
    select(contracts).where(contracts.c.contract_id > bindparam("after")).order_by(contracts.c.contract_id).limit(PAGE)
)
_ENDED = select(events.c.subject_id, events.c.details).where(events.c.kind == "outcome").order_by(events.c.sequence)


@dataclass(frozen=True)
class Notice:
    """One notice: its kind, its day, and the end of commitment that it told of; "" where it told of none."""

    kind: str
    on: datetime.date
    ends_on: str


def notices_by_subject(connection: Connection) -> dict[str, list[Notice]]:
    """Every notice on record, oldest first, by the pseudonym of the contract."""
    found: dict[str, list[Notice]] = {}
    for row in connection.execute(_NOTIFIED):
        found.setdefault(row.subject_id, []).append(_read(row.details))
    return found


def _read(details: str) -> Notice:
    said = orjson.loads(details)
    return Notice(said["kind"], datetime.date.fromisoformat(said["notice_on"]), said["ends_on"])


def left_by_subject(connection: Connection) -> set[str]:
    """The pseudonyms of contracts whose last outcome says that the customer has left."""
    last = {row.subject_id: orjson.loads(row.details) for row in connection.execute(_ENDED)}
    return {subject_id for subject_id, said in last.items() if said["outcome"] != "stayed"}


def pages_of_contracts(connection: Connection) -> Iterator[Sequence[Row[Any]]]:
    """Every contract on file in the order of the ids, in pages of at most `PAGE`."""
    after = ""
    while page := connection.execute(_CONTRACTS, {"after": after}).all():
        yield page
        after = page[-1].contract_id
