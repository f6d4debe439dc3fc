"""An order: the terms that were accepted, as they leave for the order system and come back from it."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, select

from ledger.journal import canonical
from ledger.tables import acceptances, alarms, events, offers

ECHOED, RECORDED_WRONGLY = "order_echoed", "order-recorded-wrongly"
ORDERED = (
    "offer_id",
    "device",
    "top_up_cents",
    "commitment_months",
    "commitment_ends_on",
    "monthly_cents",
    "discount_cents",
    "discount_months",
    "discount_ends_on",
    "monthly_cents_after_discount",
    "extras",
    "extras_months",
    "extras_end_on",
    "credit_cents",
    "trade_in",
    "trade_in_credit_cents",
)
"""The terms of an order, in the order in which differences are told."""

_ACCEPTED = (
    select(offers.c.terms)
    .join_from(
        acceptances,
        offers,
        (offers.c.proposal_id == acceptances.c.proposal_id) & (offers.c.offer_id == acceptances.c.offer_id),
    )
    .where(acceptances.c.acceptance_id == bindparam("order_id"))
)

_LAST_ECHO = (
    select(events.c.details)
    .where(
        events.c.subject_id == bindparam("subject_id"),
        events.c.about == bindparam("order_id"),
        events.c.kind == ECHOED,
    )
    .order_by(events.c.sequence.desc())
    .limit(1)
)
_ALARMS = select(alarms).where(
    alarms.c.subject_id == bindparam("subject_id"),
    alarms.c.about == bindparam("order_id"),
    alarms.c.kind == RECORDED_WRONGLY,
    alarms.c.closed_at.is_(None),
)


def ordered_terms(connection: Connection, order_id: str) -> dict[str, Any]:
    """The terms of the offer that was accepted as this order."""
    offer = orjson.loads(connection.execute(_ACCEPTED, {"order_id": order_id}).scalar_one())
    return {name: offer[name] for name in ORDERED}


def differences(accepted: Mapping[str, Any], recorded: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Where what was recorded is not what was accepted; a term that was not recorded at all is one of them.

    Values are the same when their JSON is, so that neither true nor 1.0 is 1; extras in another order are the same.
    """
    return [
        {"field": name, "accepted": accepted[name], "recorded": recorded.get(name), "echoed": name in recorded}
        for name in ORDERED
        if name not in recorded or _comparable(accepted[name]) != _comparable(recorded[name])
    ]


def is_order(acceptance: Row[Any]) -> bool:
    """Whether an acceptance has left as an order: it binds, or did until the customer withdrew."""
    return acceptance.state in ("accepted", "withdrawn_by_customer")


def last_echo(connection: Connection, order: Row[Any]) -> dict[str, Any] | None:
    """What the journal says of the last echo of an order; None before the first."""
    named = {"subject_id": order.subject_id, "order_id": order.acceptance_id}
    details = connection.execute(_LAST_ECHO, named).scalar()
    return None if details is None else orjson.loads(details)


def open_alarms(connection: Connection, order: Row[Any]) -> Sequence[Row[Any]]:
    """The alarms that an order was recorded wrongly, and that are still open."""
    named = {"subject_id": order.subject_id, "order_id": order.acceptance_id}
    return connection.execute(_ALARMS, named).all()


def _comparable(value: Any) -> bytes:
    return canonical(sorted(value) if isinstance(value, list) else value)
