"""A decision on record, read back to be explained: whoever may read it, and nothing that it did not know."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from sqlalchemy import Connection, Row

from api.errors import Problem
from api.schemas import Closed, is_name
from api.service import Service, at_desk, looking_at
from engine.check import Checked, check
from engine.decide import Decisions, decide
from engine.explanation.ranked import went_before
from engine.explanation.supposing import Matter, matter_of, matter_of_given
from engine.policy import ROLES_THAT_OFFER
from engine.rulebook import InForce, Rulebook
from engine.tables import Cases, Scores
from ledger import queries, writer
from ledger.gone import DECIDED, ERASED, Gone
from ledger.journal import Event
from ledger.keys import KeyHolder
from ledger.records import read_scores
from ledger.replay import replay
from ledger.snapshots import read_snapshots
from ledger.store import reading

MAY_READ = (*ROLES_THAT_OFFER, "auditor")
READ_ANY = ("supervisor", "manager", "auditor")
NOTHING_ASKED = Closed()
"""Of an address that holds all it asks: nothing stands behind a question mark."""

UNKNOWN = "no such decision or candidate is on record, or none that you may see"


@dataclass(frozen=True)
class Decided:
    """A decision as it was recorded, and the rulebook of its digest."""

    row: Row[Any]
    contract_id: str
    rulebook: Rulebook

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """All that it took to decide."""
        return orjson.loads(self.row.record)

    @cached_property
    def answer(self) -> Mapping[str, Any]:
        """What was answered."""
        return orjson.loads(self.row.answer)

    @property
    def day(self) -> datetime.date:
        """The day it was decided on."""
        return datetime.date.fromisoformat(self.record["decided_on"])

    @cached_property
    def cases(self) -> Cases:
        """The question, one row."""
        return read_snapshots([self.record["case"]])

    @cached_property
    def scores(self) -> Scores:
        """What was learned of it, one row."""
        return read_scores([self.record["scores"]])

    @property
    def in_force(self) -> InForce:
        """The rulebook as it stood that day."""
        return self.rulebook.as_of(self.day)

    @cached_property
    def decisions(self) -> Decisions:
        """The question, decided again."""
        return decide(self.cases, self.scores, self.rulebook, self.day)

    @cached_property
    def checked(self) -> Checked | None:
        """The terms that an agent composed, judged again; None where the offers were searched."""
        given = self.record["given"]
        return None if given is None else check(self.cases, self.scores, self.rulebook, self.day, [given])

    @cached_property
    def replays(self) -> bool:
        """Whether the decision comes out of its record as it was answered."""
        return not replay([self.row], self.rulebook)

    def place(self, candidate: str) -> str | None:
        """Where a candidate lay on the table; None where it did not."""
        on_table = (*self.answer["offers"], *self.answer["entitlements"])
        return next((offer["place"] for offer in on_table if offer["offer_id"] == candidate), None)

    def went_before(self, candidate: str) -> dict[str, Any] | None:
        """What a listed candidate that nothing refuses gave way to; None for another."""
        column = self.in_force.catalogue.column_of.get(candidate)
        if column is None or self.place(candidate) or self.decisions.verdicts(0)[0][column]:
            return None
        return went_before(self.decisions, column)

    def matter(self, candidate: str) -> Matter | None:
        """One candidate, to be judged again; what an agent composed stands for itself. None where there was none."""
        given = self.record["given"]
        if given is not None and candidate == self.answer["offers"][0]["offer_id"]:
            return matter_of_given(self.cases, self.scores, self.rulebook, self.day, given)
        return matter_of(self.cases, self.scores, self.rulebook, self.day, candidate)


def recorded(service: Service, holder: KeyHolder, decision_id: str) -> Decided:
    """A decision on record, for somebody who may read it. Raises Problem 404, and 410 for one that is gone.

    An agent reads those on customers they are in contact with, the others all.
    """
    with reading(service.store) as connection:
        row = queries.find_decision(connection, decision_id) if is_name(decision_id) else None
        if row is None:
            raise Problem.of("not-found", UNKNOWN)
        contract_id = queries.contract_of_subject(connection, row.subject_id)
        if row.record is None or contract_id is None:
            if holder.role in READ_ANY:
                raise Problem.of(_why_gone(connection, row), "the record of this decision is no longer there")
            raise Problem.of("not-found", UNKNOWN)
        rulebook = service.rulebooks.of(connection, row.rulebook_digest)
    if holder.role not in READ_ANY:
        with looking_at(service, holder, contract_id) as desk:
            if not desk.in_contact():
                raise Problem.of("not-found", UNKNOWN)
    return Decided(row, contract_id, rulebook)


def told_as_read(service: Service, holder: KeyHolder, decided: Decided, details: Mapping[str, Any]) -> None:
    """Write that somebody read why a decision was taken: one reading, one event."""
    with at_desk(service, holder, decided.contract_id) as desk:
        event = Event("decision_read", desk.by, decided.row.decision_id, decided.row.subject_id, details)
        writer.append(desk.connection, desk.now, event)


def _why_gone(connection: Connection, row: Row[Any]) -> str:
    event = {"sequence": row.sequence, "subject_id": row.subject_id, "kind": DECIDED, "at": row.decided_at}
    return Gone.read(connection).why(event) or ERASED
