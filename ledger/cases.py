"""One case: all that was said, offered and promised on one contract, as it stands at one moment."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, func, select

from ledger.heard import heard_since
from ledger.rulebooks import IN_FORCE
from ledger.tables import (
    acceptances,
    cases,
    contracts,
    interactions,
    offers,
    promises,
    proposals,
    reactions,
    stock,
)

TOLD = ("sentences", "difference", "twin")
"""What an offer says of itself in words, or beside itself."""

BINDING = ("to_confirm", "accepted")

_SAID = (cases.c.wants, cases.c.heard, cases.c.question_digest, cases.c.decision_id, cases.c.exit_on)
_CONTRACT = (
    select(contracts, *_SAID, IN_FORCE.scalar_subquery().label("rulebook_digest"))
    .join_from(contracts, cases, contracts.c.subject_id == cases.c.subject_id, isouter=True)
    .where(contracts.c.contract_id == bindparam("contract_id"))
)
_LOCK = select(contracts.c.subject_id).where(contracts.c.contract_id == bindparam("contract_id")).with_for_update()
_LIVE = select(proposals).where(proposals.c.subject_id == bindparam("subject_id"), proposals.c.state == "live")
_LAST = (
    select(offers.c.terms)
    .join_from(offers, proposals, offers.c.proposal_id == proposals.c.proposal_id)
    .where(proposals.c.subject_id == bindparam("subject_id"), offers.c.place == "main")
    .order_by(proposals.c.made_at.desc())
    .limit(1)
)
_OFFERS = select(offers).where(offers.c.proposal_id == bindparam("proposal_id")).order_by(offers.c.place.desc())
_REFUSED = (
    select(reactions, offers.c.terms)
    .join_from(
        reactions,
        offers,
        (reactions.c.proposal_id == offers.c.proposal_id) & (reactions.c.offer_id == offers.c.offer_id),
    )
    .where(reactions.c.subject_id == bindparam("subject_id"), reactions.c.reacted_on >= bindparam("since"))
    .order_by(reactions.c.sequence)
)
_INTERACTION = (
    select(interactions)
    .where(interactions.c.subject_id == bindparam("subject_id"), interactions.c.agent_id == bindparam("agent_id"))
    .order_by(interactions.c.opened_at.desc(), interactions.c.closed_at.is_(None).desc())
    .limit(1)
)
_UNKEPT = (
    select(promises)
    .where(
        promises.c.subject_id == bindparam("subject_id"),
        (promises.c.state == "broken") | ((promises.c.state == "open") & (promises.c.due_on < bindparam("today"))),
    )
    .order_by(promises.c.due_on, promises.c.promise_id)
)
_GRANTED = (
    select(func.coalesce(func.sum(acceptances.c.depth_cents), 0))
    .join_from(acceptances, contracts, acceptances.c.subject_id == contracts.c.subject_id)
    .where(
        contracts.c.customer_id == bindparam("customer_id"),
        contracts.c.customer_id != "",
        acceptances.c.state.in_(BINDING),
        acceptances.c.depth_cents > 0,
        acceptances.c.accepted_at >= bindparam("since"),
    )
)
_SOLD_OUT = (
    select(stock.c.device)
    .where(stock.c.devices_digest == bindparam("devices_digest"), stock.c.taken >= stock.c.held)
    .order_by(stock.c.device)
)


@dataclass(frozen=True)
class Proposal:
    """What lies on the table of one contract, with its offers, the main one first."""

    row: Row[Any]
    offers: Sequence[Row[Any]]

    @property
    def id(self) -> str:
        return str(self.row.proposal_id)

    def offer(self, offer_id: str) -> Row[Any] | None:
        """One of its offers."""
        return next((offer for offer in self.offers if offer.offer_id == offer_id), None)


@dataclass(frozen=True)
class Case:
    """A contract with what is known of it since it was imported; `interaction`: the asker's last one, open or not."""

    contract: Row[Any]
    live: Proposal | None
    refused: Sequence[Row[Any]]
    unkept: Sequence[Row[Any]]
    interaction: Row[Any] | None

    @property
    def subject_id(self) -> str:
        return str(self.contract.subject_id)

    @property
    def begun(self) -> bool:
        """Whether anything was said on this contract before."""
        return self.contract.wants is not None

    @property
    def wants(self) -> dict[str, Any] | None:
        """The wish as last stated, by the names of engine.fields; None when none was stated since the import."""
        return orjson.loads(self.contract.wants) if self.begun else None

    @property
    def heard(self) -> dict[str, Any]:
        """What is no longer as the file has it, by the names of engine.fields: heard since, and still counting."""
        return heard_since(self.contract, orjson.loads(self.contract.facts)) if self.begun else {}


@dataclass(frozen=True)
class Asker:
    """Who looks at a case, on which day, and for how many days refusals are remembered."""

    agent_id: str
    today: datetime.date
    round_days: int


def find_on_file(connection: Connection, contract_id: str, lock: bool = True) -> Row[Any] | None:
    """A contract, its case and the rulebook in force; while it is locked nobody else changes the case."""
    named = {"contract_id": contract_id}
    if lock:
        # A statement of its own: PostgreSQL would join the row that it waited for with a case from before the wait.
        connection.execute(_LOCK, named).first()
    return connection.execute(_CONTRACT, named).first()


def open_case(connection: Connection, found: Row[Any], asker: Asker) -> Case:
    """The case of a contract that was found on file."""
    if found.wants is None:
        return Case(found, None, (), (), None)
    subject = {"subject_id": found.subject_id}
    since = (asker.today - datetime.timedelta(days=asker.round_days)).isoformat()
    return Case(
        contract=found,
        live=live_proposal(connection, found.subject_id),
        refused=connection.execute(_REFUSED, {**subject, "since": since}).all(),
        unkept=connection.execute(_UNKEPT, {**subject, "today": asker.today.isoformat()}).all(),
        interaction=connection.execute(_INTERACTION, {**subject, "agent_id": asker.agent_id}).first(),
    )


def live_proposal(connection: Connection, subject_id: str) -> Proposal | None:
    """What lies on the table of a subject."""
    row = connection.execute(_LIVE, {"subject_id": subject_id}).first()
    return None if row is None else Proposal(row, connection.execute(_OFFERS, {"proposal_id": row.proposal_id}).all())


def last_offer(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """The main offer that was put on the table last, as it was answered."""
    terms = connection.execute(_LAST, {"subject_id": subject_id}).scalar()
    if terms is None:
        return None
    return {name: value for name, value in orjson.loads(terms).items() if name not in TOLD}


def granted_cents(connection: Connection, customer_id: str, since: datetime.date) -> int:
    """The concessions accepted on all lines of a customer since a day, in cents net of VAT."""
    found = connection.execute(_GRANTED, {"customer_id": customer_id, "since": since.isoformat()})
    return int(found.scalar_one())


def sold_out(connection: Connection, devices_digest: str) -> list[str]:
    """The devices of which all that the rulebook holds are taken."""
    return list(connection.execute(_SOLD_OUT, {"devices_digest": devices_digest}).scalars())
