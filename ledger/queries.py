"""Reads of the store; nothing here writes."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, func, select

from ledger.journal import CHAIN
from ledger.tables import (
    acceptances,
    api_keys,
    approvals,
    bodies,
    chain,
    contracts,
    decisions,
    events,
    offers,
    promises,
    proposals,
    replies,
    rulebooks,
)

PAGE = 500
LAST_DAY = "9999-12-31"

_KEY = select(api_keys).where(api_keys.c.prefix == bindparam("prefix"))
_KEY_STANDS = (
    select(api_keys.c.prefix)
    .where(api_keys.c.prefix == bindparam("prefix"), api_keys.c.revoked_at.is_(None))
    .with_for_update(read=True)
)
_CONTRACT = select(contracts).where(contracts.c.contract_id == bindparam("contract_id"))
_RECORDED = select(decisions, bodies.c.content.label("record"), bodies.c.answer).join_from(
    decisions, bodies, decisions.c.sequence == bodies.c.sequence, isouter=True
)
_DECISION = _RECORDED.where(decisions.c.decision_id == bindparam("decision_id"))
_DAYS = decisions.c.decided_on.between(bindparam("since"), bindparam("until"))
_LATER = (decisions.c.sequence > bindparam("after")) & _DAYS
_DECISIONS = _RECORDED.where(_LATER).order_by(decisions.c.sequence).limit(PAGE)
_LAST_DECISIONS = _RECORDED.where(bodies.c.content.is_not(None)).order_by(decisions.c.sequence.desc())
_RULEBOOK = select(rulebooks.c.texts).where(rulebooks.c.digest == bindparam("digest"))
_KEYS = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.prefix)
_CONTRACTS_OF_CUSTOMER = (
    select(contracts.c.contract_id)
    .where(contracts.c.customer_id == bindparam("customer_id"))
    .order_by(contracts.c.contract_id)
)
_LENGTH = select(chain.c.length).where(chain.c.name == bindparam("name"))
_DECIDED = select(decisions.c.subject_id).where(decisions.c.decision_id == bindparam("decision_id"))
_ON_FILE = select(contracts.c.contract_id).where(contracts.c.subject_id == bindparam("subject_id"))
_CONTRACT_OF_PROPOSAL = (
    select(contracts.c.contract_id)
    .join_from(proposals, contracts, proposals.c.subject_id == contracts.c.subject_id)
    .where(proposals.c.proposal_id == bindparam("proposal_id"))
)
_SHOWN = select(events.c.details).where(
    events.c.subject_id == bindparam("subject_id"), events.c.about == bindparam("proposal_id"), events.c.kind == "shown"
)
_STATES = select(offers.c.state).where(offers.c.proposal_id == bindparam("proposal_id"))
_ACCEPTANCE = select(acceptances).where(acceptances.c.acceptance_id == bindparam("acceptance_id"))
_ACCEPTANCE_OF_PROPOSAL = select(acceptances).where(acceptances.c.proposal_id == bindparam("proposal_id"))
_OFFER = select(offers).where(
    offers.c.proposal_id == bindparam("proposal_id"), offers.c.offer_id == bindparam("offer_id")
)
_REPLY = select(replies).where(
    replies.c.agent_id == bindparam("agent_id"),
    replies.c.route == bindparam("route"),
    replies.c.key == bindparam("key"),
)
_APPROVALS = select(approvals).where(
    approvals.c.proposal_id == bindparam("proposal_id"), approvals.c.offer_id == bindparam("offer_id")
)
_PROMISES = select(promises).where(promises.c.about == bindparam("about")).order_by(promises.c.due_on, promises.c.kind)


def find_key(connection: Connection, prefix: str) -> Row[Any] | None:
    """The API key with this public prefix, revoked or not."""
    return connection.execute(_KEY, {"prefix": prefix}).first()


def key_stands(connection: Connection, prefix: str) -> bool:
    """Whether a key is still good; until this transaction ends nobody revokes it."""
    return connection.execute(_KEY_STANDS, {"prefix": prefix}).first() is not None


def list_keys(connection: Connection) -> Sequence[Row[Any]]:
    """Every API key, oldest first."""
    return connection.execute(_KEYS).all()


def teams_of_agents(connection: Connection) -> dict[str, list[tuple[str, str]]]:
    """The team of each agent by their keys, revoked ones too: (since, team or ""), the oldest key first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in list_keys(connection):
        found.setdefault(row.agent_id, []).append((row.created_at, row.team or ""))
    return found


def find_contract(connection: Connection, contract_id: str) -> Row[Any] | None:
    """The contract on file with this id."""
    return connection.execute(_CONTRACT, {"contract_id": contract_id}).first()


def first_contracts(connection: Connection, most: int) -> Sequence[Row[Any]]:
    """Up to `most` contracts on file, in the order of their ids."""
    return connection.execute(select(contracts).order_by(contracts.c.contract_id).limit(most)).all()


def find_decision(connection: Connection, decision_id: str) -> Row[Any] | None:
    """The recorded decision with this id; its record and answer are None once they are erased."""
    return connection.execute(_DECISION, {"decision_id": decision_id}).first()


def pages_of_decisions(connection: Connection, since: str = "", until: str = LAST_DAY) -> Iterator[Sequence[Row[Any]]]:
    """Every decision on record, or those from one day (ISO) to another, oldest first, in pages of at most `PAGE`."""
    after, days = 0, {"since": since, "until": until}
    while page := connection.execute(_DECISIONS, {"after": after, **days}).all():
        yield page
        after = page[-1].sequence


def last_decisions(connection: Connection, most: int) -> Sequence[Row[Any]]:
    """Up to `most` of the decisions that still have their record, the newest first."""
    return connection.execute(_LAST_DECISIONS.limit(most)).all()


def count_events(connection: Connection) -> int:
    """How many events the journal holds, by the head of its chain."""
    return int(connection.execute(_LENGTH, {"name": CHAIN}).scalar_one())


def count_decisions(connection: Connection) -> int:
    """How many decisions are on record."""
    return int(connection.execute(select(func.count()).select_from(decisions)).scalar_one())


def find_rulebook(connection: Connection, digest: str) -> dict[str, str] | None:
    """The texts of a rulebook that has decided before, by file name."""
    texts = connection.execute(_RULEBOOK, {"digest": digest}).scalar()
    return None if texts is None else orjson.loads(texts)


def contract_of_proposal(connection: Connection, proposal_id: str) -> str | None:
    """The contract that a proposal was made on."""
    return connection.execute(_CONTRACT_OF_PROPOSAL, {"proposal_id": proposal_id}).scalar()


def contract_of_subject(connection: Connection, subject_id: str) -> str | None:
    """The contract behind a pseudonym; None once it is erased."""
    return connection.execute(_ON_FILE, {"subject_id": subject_id}).scalar()


def contracts_of_customer(connection: Connection, customer_id: str) -> list[str]:
    """The contracts on file of one customer, in the order of their ids."""
    return list(connection.execute(_CONTRACTS_OF_CUSTOMER, {"customer_id": customer_id}).scalars())


def is_erased(connection: Connection, decision_id: str) -> bool:
    """Whether a decision, or the proposal of that id, was on a contract that has been erased."""
    subject_id = connection.execute(_DECIDED, {"decision_id": decision_id}).scalar()
    return subject_id is not None and connection.execute(_ON_FILE, {"subject_id": subject_id}).first() is None


def states_of_proposal(connection: Connection, proposal_id: str) -> set[str]:
    """The states of the offers of a proposal."""
    return set(connection.execute(_STATES, {"proposal_id": proposal_id}).scalars())


def find_acceptance(connection: Connection, acceptance_id: str) -> Row[Any] | None:
    """The acceptance with this id."""
    return connection.execute(_ACCEPTANCE, {"acceptance_id": acceptance_id}).first()


def acceptance_of_proposal(connection: Connection, proposal_id: str) -> Row[Any] | None:
    """What was accepted of a proposal."""
    return connection.execute(_ACCEPTANCE_OF_PROPOSAL, {"proposal_id": proposal_id}).first()


def find_offer(connection: Connection, proposal_id: str, offer_id: str) -> Row[Any]:
    """An offer of a proposal that is on record."""
    return connection.execute(_OFFER, {"proposal_id": proposal_id, "offer_id": offer_id}).one()


def find_reply(connection: Connection, agent_id: str, route: str, key: str) -> Row[Any] | None:
    """What was answered to an agent's request with this idempotency key."""
    return connection.execute(_REPLY, {"agent_id": agent_id, "route": route, "key": key}).first()


def find_approvals(connection: Connection, proposal_id: str, offer_id: str) -> Sequence[Row[Any]]:
    """What was said on an offer by those who may approve it."""
    return connection.execute(_APPROVALS, {"proposal_id": proposal_id, "offer_id": offer_id}).all()


def was_read_back(connection: Connection, subject_id: str, proposal_id: str, offer_id: str) -> bool:
    """Whether an offer of a proposal was read back to the customer when it was shown."""
    details = connection.execute(_SHOWN, {"subject_id": subject_id, "proposal_id": proposal_id}).scalars()
    return {"offer_id": offer_id, "read_back": True} in [orjson.loads(one) for one in details]


def promises_about(connection: Connection, about: str) -> Sequence[Row[Any]]:
    """What was promised about one thing, the first due first."""
    return connection.execute(_PROMISES, {"about": about}).all()
