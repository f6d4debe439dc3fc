"""Writes an acceptance and what follows from it: confirmation, withdrawal, the phone taken, the order on its way."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, insert, select, update

from ledger.cases import Case
from ledger.journal import By, Event, draw_id
from ledger.records import time_text
from ledger.tables import acceptances, offers, replies, stock
from ledger.writer.journal import append
from ledger.writer.outbox import post
from ledger.writer.promises import promise
from ledger.writer.proposals import Moved, close_interactions, end, keep_case, move


class SoldOut(Exception):
    """The last one of this device is taken."""


@dataclass(frozen=True)
class Terms:
    """The days that follow an acceptance, and the shelf its device is taken from."""

    confirm_days: int
    withdraw_days: int
    promises: Mapping[str, int]
    """Days until each kind of promise is due."""
    devices_digest: str


def accept(
    connection: Connection, case: Case, offer: Row[Any], by: By, at: datetime.datetime, outbound: bool, terms: Terms
) -> dict[str, Any]:
    """Write that the customer accepts a shown offer, and return the row of the acceptance.

    After an outbound call it waits for the confirmation. Raises Moved where the offer is no longer shown, SoldOut.
    """
    assert case.live is not None
    state, now = ("to_confirm" if outbound else "accepted"), time_text(at)
    move(connection, offer, ("shown",), state)
    end(connection, case.live, "withdrawn")
    device = orjson.loads(offer.terms)["device"] or ""
    if device:
        _take(connection, terms.devices_digest, device)
    row = {
        "acceptance_id": draw_id(),
        "proposal_id": offer.proposal_id,
        "offer_id": offer.offer_id,
        "subject_id": case.subject_id,
        "agent_id": by.actor,
        "state": state,
        "terms_digest": case.live.row.digest,
        "device": device,
        "devices_digest": terms.devices_digest,
        "depth_cents": offer.depth_cents,
        "accepted_at": now,
        "confirm_by": _later(at, terms.confirm_days) if outbound else now,
        "withdraw_until": _later(at, terms.withdraw_days),
    }
    connection.execute(insert(acceptances).values(**row))
    details = {"offer_id": offer.offer_id, "acceptance_id": row["acceptance_id"], "terms_digest": row["terms_digest"]}
    append(connection, now, Event(state, by, offer.proposal_id, case.subject_id, details))
    if not outbound:
        _set_out(connection, row, offer, at, terms)
    close_interactions(connection, case.subject_id, now)
    keep_case(connection, case.subject_id, case.begun, exit_on=at.date().isoformat())
    return row


def confirm(
    connection: Connection, acceptance: Row[Any], by: By, at: datetime.datetime, how: str, terms: Terms
) -> None:
    """Write the durable confirmation of an acceptance, from which on it binds. Raises Moved where none is awaited."""
    withdraw_until = _later(at, terms.withdraw_days)
    _settle(connection, acceptance, ("to_confirm",), "accepted", withdraw_until=withdraw_until)
    details = {"acceptance_id": acceptance.acceptance_id, "how": how}
    append(connection, time_text(at), Event("accepted", by, acceptance.proposal_id, acceptance.subject_id, details))
    here = (offers.c.proposal_id == acceptance.proposal_id) & (offers.c.offer_id == acceptance.offer_id)
    offer = connection.execute(select(offers).where(here)).one()
    _set_out(connection, dict(acceptance._mapping), offer, at, terms)


def withdraw_acceptance(
    connection: Connection, acceptance: Row[Any], by: By, at: datetime.datetime, state: str, refund_days: int
) -> None:
    """Write that an acceptance no longer holds: expired, withdrawn, or withdrawn_by_customer; gives the phone back."""
    was = ("accepted",) if state == "withdrawn_by_customer" else ("to_confirm",)
    _settle(connection, acceptance, was, state)
    here = (stock.c.devices_digest == acceptance.devices_digest) & (stock.c.device == acceptance.device)
    connection.execute(update(stock).where(here, stock.c.taken > 0).values(taken=stock.c.taken - 1))
    details = {"acceptance_id": acceptance.acceptance_id}
    append(connection, time_text(at), Event(state, by, acceptance.proposal_id, acceptance.subject_id, details))
    keep_case(connection, acceptance.subject_id, True, exit_on=None)
    if state == "withdrawn_by_customer":
        post(connection, acceptance.subject_id, "order.withdrawn", at, {"order_id": acceptance.acceptance_id})
        promise(connection, acceptance.subject_id, acceptance.acceptance_id, at, {"refund": refund_days})


def save_reply(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep the answer to a request that carried an idempotency key."""
    connection.execute(insert(replies).values(**row))


def _settle(connection: Connection, acceptance: Row[Any], before: tuple[str, ...], state: str, **columns: Any) -> None:
    mine = (acceptances.c.acceptance_id == acceptance.acceptance_id) & acceptances.c.state.in_(before)
    if connection.execute(update(acceptances).where(mine).values(state=state, **columns)).rowcount != 1:
        raise Moved
    move(connection, acceptance, before, state)


def _set_out(
    connection: Connection, acceptance: Mapping[str, Any], offer: Row[Any], at: datetime.datetime, terms: Terms
) -> None:
    """Send the order on its way and make the promises that go with it."""
    order = {
        "order_id": acceptance["acceptance_id"],
        "subject_id": acceptance["subject_id"],
        "terms_digest": acceptance["terms_digest"],
        "terms": order_terms(orjson.loads(offer.terms)),
    }
    post(connection, acceptance["subject_id"], "order.accepted", at, order)
    kinds = {kind: days for kind, days in terms.promises.items() if kind != "delivery" or acceptance["device"]}
    promise(connection, acceptance["subject_id"], acceptance["acceptance_id"], at, kinds)


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
    "credit_cents",
    "trade_in",
    "trade_in_credit_cents",
)
"""The terms of an order, which the order system echoes field by field."""


def order_terms(offer: Mapping[str, Any]) -> dict[str, Any]:
    """The terms of an accepted offer as an order carries them."""
    return {name: offer[name] for name in ORDERED}


def _take(connection: Connection, devices_digest: str, device: str) -> None:
    shelf = (stock.c.devices_digest == devices_digest) & (stock.c.device == device)
    taken = update(stock).where(shelf, stock.c.taken < stock.c.held).values(taken=stock.c.taken + 1)
    if connection.execute(taken).rowcount != 1:
        raise SoldOut


def _later(at: datetime.datetime, days: int) -> str:
    return time_text(at + datetime.timedelta(days=days))
