"""Reads of one case: what happened on it in its order, and what stands open."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from ledger.tables import (
    acceptances,
    alarms,
    bodies,
    contracts,
    decisions,
    events,
    interactions,
    offers,
    promises,
    proposals,
)

MOST_ROWS = 100


def interactions_of(connection: Connection, subject_id: str) -> Sequence[Row[Any]]:
    """The contacts with a customer, the last first, `MOST_ROWS` at most."""
    mine = select(interactions).where(interactions.c.subject_id == subject_id)
    return _some(connection, mine.order_by(interactions.c.opened_at.desc(), interactions.c.interaction_id))


def open_interactions(connection: Connection, subject_id: str, now: str, agent_id: str) -> Sequence[Row[Any]]:
    """The contact that an agent has with a customer now, if any."""
    mine = (interactions.c.subject_id == subject_id) & (interactions.c.agent_id == agent_id)
    running = interactions.c.closed_at.is_(None) & (interactions.c.closes_at > now)
    return _some(connection, select(interactions).where(mine, running))


def unsettled_promises(connection: Connection, subject_id: str) -> Sequence[Row[Any]]:
    """What is promised and not kept so far, the first due first."""
    mine = (promises.c.subject_id == subject_id) & promises.c.state.in_(("open", "broken"))
    return _some(connection, select(promises).where(mine).order_by(promises.c.due_on, promises.c.promise_id))


def open_alarms(connection: Connection, subject_id: str) -> Sequence[Row[Any]]:
    """What nobody has seen to, the oldest first."""
    mine = (alarms.c.subject_id == subject_id) & alarms.c.closed_at.is_(None)
    return _some(connection, select(alarms).where(mine).order_by(alarms.c.raised_at, alarms.c.alarm_id))


def find_alarm(connection: Connection, alarm_id: str) -> Row[Any] | None:
    """The alarm with this id, and the contract it was raised on."""
    found = select(alarms, contracts.c.contract_id).join_from(
        alarms, contracts, alarms.c.subject_id == contracts.c.subject_id, isouter=True
    )
    return connection.execute(found.where(alarms.c.alarm_id == alarm_id)).first()


def acceptances_of(connection: Connection, subject_id: str) -> Sequence[Row[Any]]:
    """What a customer has accepted, the last first, each with the terms."""
    same = (offers.c.proposal_id == acceptances.c.proposal_id) & (offers.c.offer_id == acceptances.c.offer_id)
    mine = select(acceptances, offers.c.terms).join_from(acceptances, offers, same)
    mine = mine.where(acceptances.c.subject_id == subject_id)
    return _some(connection, mine.order_by(acceptances.c.accepted_at.desc(), acceptances.c.acceptance_id))


def events_of(connection: Connection, subject_id: str, left_out: Collection[str], before: int) -> Sequence[Row[Any]]:
    """The last `MOST_ROWS` events before a sequence number, the last first, without some kinds; with their bodies."""
    told = (events.c.subject_id == subject_id) & events.c.kind.not_in(left_out) & (events.c.sequence < before)
    content = bodies.c.content.label("body")
    found = select(events, content).join_from(events, bodies, events.c.sequence == bodies.c.sequence, isouter=True)
    return _some(connection, found.where(told).order_by(events.c.sequence.desc()))


def find_offer_made(connection: Connection, proposal_id: str, offer_id: str) -> Row[Any, Any] | None:
    """The terms of one offer of a proposal, and the day on which it was made; None where there is no such offer."""
    found = select(offers.c.terms, decisions.c.decided_on).join_from(
        offers, decisions, offers.c.proposal_id == decisions.c.decision_id
    )
    return connection.execute(found.where(offers.c.proposal_id == proposal_id, offers.c.offer_id == offer_id)).first()


def offers_of(connection: Connection, subject_id: str, proposal_ids: Collection[str]) -> Sequence[Row[Any]]:
    """The offers of some proposals on a contract."""
    here = (proposals.c.subject_id == subject_id) & offers.c.proposal_id.in_(proposal_ids)
    found = select(offers).join_from(offers, proposals, offers.c.proposal_id == proposals.c.proposal_id)
    return connection.execute(found.where(here)).all()


def _some(connection: Connection, found: Select[Any]) -> Sequence[Row[Any]]:
    return connection.execute(found.limit(MOST_ROWS)).all()
