"""Reads for the value report: the first decision on each contract in a period, and all that is told around it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select

from ledger import queries
from ledger.tables import (
    acceptances,
    alarms,
    bodies,
    cases,
    contracts,
    decisions,
    events,
    offers,
    outcomes,
    promises,
    proposals,
)

TOLD = ("contact_opened", "fault_opened", "fault_closed")
"""The events that say how a customer was served."""

Rows = Sequence[Row[Any]]


@dataclass(frozen=True)
class Around:
    """What is on record of one contract, each in its order; `on_file` holds no row once it is erased."""

    events: Rows = ()
    promises: Rows = ()
    complaints: Rows = ()
    proposals: Rows = ()
    acceptances: Rows = ()
    outcomes: Rows = ()
    on_file: Rows = ()


def first_decisions(connection: Connection, first: str, last: str) -> Iterator[list[Row[Any]]]:
    """The first decision on each contract from one day to another (ISO, both included), in pages, oldest first.

    Its record is None where it was erased or its time was over.
    """
    seen: set[str] = set()
    for page in queries.pages_of_decisions(connection, first, last):
        mine = []
        for row in page:
            if row.subject_id not in seen:
                seen.add(row.subject_id)
                mine.append(row)
        if mine:
            yield mine


def around(connection: Connection, subject_ids: Sequence[str]) -> dict[str, Around]:
    """What is on record of some contracts, by their pseudonyms; at most a page of them."""
    found: dict[str, dict[str, list[Row[Any]]]] = {subject: defaultdict(list) for subject in subject_ids}
    for name, table, order, where in _READ:
        mine = select(table).where(table.c.subject_id.in_(subject_ids), where)
        for row in connection.execute(mine.order_by(*order)):
            found[row.subject_id][name].append(row)
    joined = (
        ("acceptances", _BINDING, acceptances),
        ("proposals", _WITH_AN_OFFER, proposals),
        ("on_file", _ON_FILE, contracts),
    )
    for name, read, table in joined:
        for row in connection.execute(read.where(table.c.subject_id.in_(subject_ids))):
            found[row.subject_id][name].append(row)
    return {subject: Around(**rows) for subject, rows in found.items()}


def contracts_behind(connection: Connection, subject_ids: Sequence[str]) -> dict[str, str]:
    """Whose contracts some pseudonyms stand for, of those that are not erased."""
    found: dict[str, str] = {}
    for start in range(0, len(subject_ids), queries.PAGE):
        some = contracts.c.subject_id.in_(subject_ids[start : start + queries.PAGE])
        told = select(contracts.c.subject_id, contracts.c.contract_id).where(some)
        found |= {row.subject_id: row.contract_id for row in connection.execute(told)}
    return found


_READ: tuple[tuple[str, Table, tuple[ColumnElement[Any], ...], ColumnElement[bool]], ...] = (
    ("events", events, (events.c.sequence,), events.c.kind.in_(TOLD)),
    ("promises", promises, (promises.c.due_on, promises.c.promise_id), promises.c.state != "released"),
    ("complaints", alarms, (alarms.c.raised_at, alarms.c.alarm_id), alarms.c.answer_by.is_not(None)),
    ("outcomes", outcomes, (outcomes.c.happened_on, outcomes.c.sequence), outcomes.c.kind != ""),
)
_SAME_OFFER = (offers.c.proposal_id == acceptances.c.proposal_id) & (offers.c.offer_id == acceptances.c.offer_id)
_BINDING = (
    select(
        acceptances,
        offers.c.terms,
        offers.c.place,
        decisions.c.decided_on,
        decisions.c.rulebook_digest,
        bodies.c.content.label("record"),
    )
    .join_from(acceptances, offers, _SAME_OFFER)
    .join(decisions, decisions.c.decision_id == acceptances.c.proposal_id)
    .join(bodies, bodies.c.sequence == decisions.c.sequence, isouter=True)
    .where(acceptances.c.state == "accepted")
    .order_by(acceptances.c.accepted_at, acceptances.c.acceptance_id)
)
"""What binds: not what waits for its confirmation, was taken back, or was withdrawn by the customer in time."""

_WITH_AN_OFFER = (
    select(proposals)
    .join_from(proposals, offers, proposals.c.proposal_id == offers.c.proposal_id)
    .where(offers.c.place == "main")
    .order_by(proposals.c.made_at, proposals.c.proposal_id)
)
"""What lay on the table beside dues."""

_ON_FILE = select(
    contracts.c.contract_id, contracts.c.subject_id, contracts.c.facts, contracts.c.imported_at, cases.c.heard
).join_from(contracts, cases, contracts.c.subject_id == cases.c.subject_id, isouter=True)
