"""What must hold in the store after every step, whatever was asked in whatever order.

Whatever is written has an event in the journal: after a step that left none there is nothing new to look at, and what
was written all the same is seen after the next one that did. The chain of the journal is walked at the end of a run.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Table, select

from ledger.anchors import Trace
from ledger.audit import find_flaw, read_copy
from ledger.tables import acceptances, alarms, chain, contracts, interactions, offers, outbox, proposals, stock
from tests.life.model import BINDING, MAY_BECOME, Model, Proposal

FLOOR_CENTS = {0: -1_000, 12: 2_404, 24: 3_600}
FROZEN = ("proposal_id", "offer_id", "subject_id", "agent_id", "terms_digest", "device", "depth_cents", "accepted_at")


@dataclass
class Truths:
    """What was true of the offers at the step before, and every change of state that was seen."""

    through: int = -1
    states: dict[tuple[str, str], str] = field(default_factory=dict)
    frozen: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def hold(self, connection: Connection, model: Model) -> None:
        """Raises AssertionError with the first truth that does not hold after the last event."""
        length = int(connection.execute(select(chain.c.length)).scalar_one())
        if length != self.through:
            self.through = length
            self._hold_all(connection, model)

    def hold_at_the_end(self, connection: Connection, model: Model) -> None:
        """The same of everything, and the chain of the journal besides."""
        self._hold_all(connection, model)
        assert find_flaw(read_copy(connection), Trace([])) is None

    def _hold_all(self, connection: Connection, model: Model) -> None:
        offered, accepted = _rows(connection, offers), _rows(connection, acceptances)
        self._only_allowed_changes(offered)
        self._terms_never_change(offered, accepted)
        _states_are_those_of_the_model(offered, model)
        _one_live_proposal_a_line(_rows(connection, proposals), model)
        _one_acceptance_a_proposal(offered, accepted)
        _the_floor_holds(offered)
        _stock_is_what_binds(_rows(connection, stock), accepted)
        _orders_left_once(_rows(connection, outbox), accepted)
        _one_open_interaction_an_agent(_rows(connection, interactions))
        _conflicts_raise_alarms(connection, model)

    def _only_allowed_changes(self, offered: list[Row[Any]]) -> None:
        states = {(row.proposal_id, row.offer_id): row.state for row in offered}
        assert self.states.keys() <= states.keys()
        for name, state in states.items():
            before = self.states.get(name, "offered")
            if state != before:
                # Within one step an accepted or declined offer was shown before; only /reaction does two things.
                assert state in MAY_BECOME.get(before, set()), (name, before, state)
                self.changes[before, state] += 1
        self.states = states

    def _terms_never_change(self, offered: list[Row[Any]], accepted: list[Row[Any]]) -> None:
        frozen = {f"{row.proposal_id} {row.offer_id}": (row.terms, row.secured_cents) for row in offered}
        frozen |= {row.acceptance_id: tuple(getattr(row, name) for name in FROZEN) for row in accepted}
        for name, was in self.frozen.items():
            assert frozen[name] == was
        self.frozen = frozen


def _rows(connection: Connection, table: Table) -> list[Row[Any]]:
    return list(connection.execute(select(table)))


def _states_are_those_of_the_model(offered: list[Row[Any]], model: Model) -> None:
    assert {row.proposal_id for row in offered} == set(model.proposals)
    for row in offered:
        expected = model.proposals[row.proposal_id].offers[row.offer_id].state
        # What the calendar ends is written when somebody next looks, or the courier sweeps.
        not_yet_written = expected == "expired" and row.state in ("offered", "shown", "to_confirm")
        assert row.state == expected or not_yet_written, (row.proposal_id, row.offer_id, row.state, expected)


def _one_live_proposal_a_line(rows: list[Row[Any]], model: Model) -> None:
    live = [row for row in rows if row.state == "live"]
    assert len({row.subject_id for row in live}) == len(live)
    expected = {line.live.id for line in model.lines.values() if line.live is not None}
    late = {row.proposal_id for row in live} - expected
    assert expected <= {row.proposal_id for row in live}
    assert all(_has_expired(model.proposals[each]) for each in late)


def _has_expired(proposal: Proposal) -> bool:
    return "expired" in proposal.states


def _one_acceptance_a_proposal(offered: list[Row[Any]], accepted: list[Row[Any]]) -> None:
    assert len({row.proposal_id for row in accepted}) == len(accepted)
    states = {(row.proposal_id, row.offer_id): row.state for row in offered}
    assert all(states[row.proposal_id, row.offer_id] == row.state for row in accepted)
    bound = {name for name, state in states.items() if state in (*BINDING, "withdrawn_by_customer")}
    assert bound <= {(row.proposal_id, row.offer_id) for row in accepted}


def _the_floor_holds(offered: list[Row[Any]]) -> None:
    for row in offered:
        assert row.secured_cents >= row.floor_cents
        if row.place != "entitlement":
            assert row.secured_cents >= FLOOR_CENTS[orjson.loads(row.terms)["commitment_months"]]


def _stock_is_what_binds(shelves: list[Row[Any]], accepted: list[Row[Any]]) -> None:
    binding = Counter(row.device for row in accepted if row.state in BINDING and row.device)
    assert {row.device: row.taken for row in shelves if row.taken} == dict(binding)


def _orders_left_once(messages: list[Row[Any]], accepted: list[Row[Any]]) -> None:
    bound = [row.acceptance_id for row in accepted if row.state in ("accepted", "withdrawn_by_customer")]
    back = [row.acceptance_id for row in accepted if row.state == "withdrawn_by_customer"]
    left = Counter((row.kind, orjson.loads(row.payload)["data"]["order_id"]) for row in messages)
    assert left == Counter(
        [*(("order.accepted", each) for each in bound), *(("order.withdrawn", each) for each in back)]
    )


def _one_open_interaction_an_agent(rows: list[Row[Any]]) -> None:
    running = [(row.subject_id, row.agent_id) for row in rows if row.closed_at is None]
    assert len(set(running)) == len(running)


def _conflicts_raise_alarms(connection: Connection, model: Model) -> None:
    raised = select(contracts.c.contract_id).join_from(alarms, contracts, alarms.c.subject_id == contracts.c.subject_id)
    found = connection.execute(raised.where(alarms.c.kind == "not-the-same-offer")).scalars()
    expected = {line.contract_id: line.conflicts for line in model.lines.values() if line.conflicts}
    assert Counter(found) == Counter(expected)
