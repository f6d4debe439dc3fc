"""An order: the terms that were accepted, as they leave for the order system and come back from it."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, select

from ledger.journal import canonical
from ledger.tables import acceptances, offers

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


def _comparable(value: Any) -> bytes:
    return canonical(sorted(value) if isinstance(value, list) else value)
