"""Writes an acceptance and what follows from it: confirmation, withdrawal, the phone taken, the order on its way."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ledger.cases import BINDING, Case
from ledger.journal import By, Event, draw_id
from ledger.orders import ordered_terms
from ledger.tables import acceptances, offers, replies, stock
from ledger.writer.journal import Act, append, hold_journal
from ledger.writer.outbox import post
from ledger.writer.promises import promise, release_promises
from ledger.writer.proposals import Moved, close_interactions, end, keep_case, move

DUE = "entitlement"
_WAITING = (
    select(acceptances)
    .join(
        offers,
        (offers.c.proposal_id == acceptances.c.proposal_id) & (offers.c.offer_id == acceptances.c.offer_id),
    )
    .where(
        acceptances.c.subject_id == bindparam("subject_id"),
        acceptances.c.state == "to_confirm",
        offers.c.place != DUE,
    )
)

_HELD = select(acceptances.c.acceptance_id).where(
    acceptances.c.subject_id == bindparam("subject_id"), acceptances.c.state.in_(BINDING)
)


class SoldOut(Exception):
    """The last one of this device is taken."""


@dataclass(frozen=True)
class Terms:
    """Whether an acceptance waits for its confirmation, the days that follow it, and the shelf of its device."""

    to_confirm: bool
    confirm_days: int
    withdraw_days: int
    promises: Mapping[str, int]
    """Days until each kind of promise is due that goes with an order."""
    devices_digest: str


def accept(connection: Connection, case: Case, offer: Row[Any], act: Act, terms: Terms) -> dict[str, Any]:
    """Write that the customer accepts a shown offer, and return the row of the acceptance.

    An offer takes the place of one that still waits for its confirmation; a due stands beside it.
    Raises Moved where the offer is no longer shown, SoldOut.
    """
    assert case.live is not None
    state = "to_confirm" if terms.to_confirm else "accepted"
    move(connection, offer, ("shown",), state)
    end(connection, case.live, "withdrawn")
    replaced = [] if offer.place == DUE else _give_up_waiting(connection, case.subject_id, act)
    row = {
        "acceptance_id": draw_id(),
        "proposal_id": offer.proposal_id,
        "offer_id": offer.offer_id,
        "subject_id": case.subject_id,
        "agent_id": act.by.actor,
        "state": state,
        "terms_digest": case.live.row.digest,
        "device": orjson.loads(offer.terms)["device"] or "",
        "devices_digest": terms.devices_digest,
        "depth_cents": offer.depth_cents,
        "accepted_at": act.now,
        "confirm_by": act.end_of_day(terms.confirm_days) if terms.to_confirm else act.now,
        "withdraw_until": act.end_of_day(terms.withdraw_days),
    }
    _take(connection, row)
    connection.execute(insert(acceptances).values(**row))
    details = {"offer_id": offer.offer_id, "acceptance_id": row["acceptance_id"], "terms_digest": row["terms_digest"]}
    append(connection, act.now, *replaced, Event(state, act.by, offer.proposal_id, case.subject_id, details))
    if not terms.to_confirm:
        _set_out(connection, row, act, terms)
    close_interactions(connection, case.subject_id, act.now)
    keep_case(connection, case.subject_id, case.begun, exit_on=act.at.date().isoformat())
    return row


def confirm(connection: Connection, acceptance: Row[Any], act: Act, how: str, terms: Terms) -> None:
    """Write the durable confirmation of an acceptance: from now on it binds, and the days to withdraw count.

    Raises Moved where no confirmation is awaited.
    """
    _settle(connection, acceptance, "to_confirm", "accepted", withdraw_until=act.end_of_day(terms.withdraw_days))
    details = {"acceptance_id": acceptance.acceptance_id, "how": how}
    append(connection, act.now, Event("accepted", act.by, acceptance.proposal_id, acceptance.subject_id, details))
    _set_out(connection, acceptance._asdict(), act, terms)


def expire_acceptance(connection: Connection, acceptance: Row[Any], at: datetime.datetime) -> None:
    """Write that no confirmation came in time, and give the device back. Raises Moved where none is awaited."""
    act = Act(By("calendar"), at)
    _undo(connection, acceptance, "to_confirm", "expired")
    append(connection, act.now, _undone("expired", acceptance, act, "not confirmed in time"))


def take_back(connection: Connection, acceptance: Row[Any], act: Act, because: str) -> None:
    """Write that an acceptance will not be confirmed, and give the device back. Raises Moved where it binds."""
    _undo(connection, acceptance, "to_confirm", "withdrawn")
    append(connection, act.now, _undone("withdrawn", acceptance, act, because))


def withdraw_by_customer(
    connection: Connection, acceptance: Row[Any], act: Act, because: str, refund_days: int
) -> None:
    """Write that the customer withdraws what binds: the device goes back, the order system is told, promises fall away.

    What was paid or handed in is promised back. Raises Moved where the acceptance does not bind, or no longer.
    """
    state, subject_id, order_id = "withdrawn_by_customer", acceptance.subject_id, acceptance.acceptance_id
    _undo(connection, acceptance, "accepted", state)
    append(connection, act.now, _undone(state, acceptance, act, because))
    release_promises(connection, order_id, act.by, act.at)
    terms = ordered_terms(connection, order_id)
    paid = {"refund_cents": terms["top_up_cents"], "returned": terms["trade_in"]}
    post(connection, subject_id, "order.withdrawn", act.at, {"order_id": order_id, **paid})
    if any(paid.values()):
        promise(connection, subject_id, order_id, act.at, {"refund": refund_days})


def save_reply(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep the answer to a request that carried an idempotency key."""
    connection.execute(insert(replies).values(**row))


def _give_up_waiting(connection: Connection, subject_id: str, act: Act) -> list[Event]:
    given_up = connection.execute(_WAITING, {"subject_id": subject_id}).all()
    for acceptance in given_up:
        _undo(connection, acceptance, "to_confirm", "withdrawn")
    return [_undone("withdrawn", acceptance, act, "another offer was accepted") for acceptance in given_up]


def _undo(connection: Connection, acceptance: Row[Any], before: str, state: str) -> None:
    _settle(connection, acceptance, before, state)
    shelf = (stock.c.devices_digest == acceptance.devices_digest) & (stock.c.device == acceptance.device)
    hold_journal(connection)
    connection.execute(update(stock).where(shelf).values(taken=stock.c.taken - 1))
    if connection.execute(_HELD, {"subject_id": acceptance.subject_id}).first() is None:
        keep_case(connection, acceptance.subject_id, True, exit_on=None)


def _undone(state: str, acceptance: Row[Any], act: Act, because: str) -> Event:
    details = {"acceptance_id": acceptance.acceptance_id, "because": because}
    return Event(state, act.by, acceptance.proposal_id, acceptance.subject_id, details)


def _settle(connection: Connection, acceptance: Row[Any], before: str, state: str, **columns: Any) -> None:
    mine = (acceptances.c.acceptance_id == acceptance.acceptance_id) & (acceptances.c.state == before)
    if connection.execute(update(acceptances).where(mine).values(state=state, **columns)).rowcount != 1:
        raise Moved
    move(connection, acceptance, (before,), state)


def _set_out(connection: Connection, acceptance: Mapping[str, Any], act: Act, terms: Terms) -> None:
    """Send the order on its way and make the promises that go with it."""
    order_id, subject_id = acceptance["acceptance_id"], acceptance["subject_id"]
    order = {
        "order_id": order_id,
        "terms_digest": acceptance["terms_digest"],
        "terms": ordered_terms(connection, order_id),
    }
    post(connection, subject_id, "order.accepted", act.at, order)
    kinds = {kind: days for kind, days in terms.promises.items() if kind != "delivery" or acceptance["device"]}
    promise(connection, subject_id, order_id, act.at, kinds)


def _take(connection: Connection, acceptance: Mapping[str, Any]) -> None:
    if not acceptance["device"]:
        return
    shelf = (stock.c.devices_digest == acceptance["devices_digest"]) & (stock.c.device == acceptance["device"])
    hold_journal(connection)
    taken = update(stock).where(shelf, stock.c.taken < stock.c.held).values(taken=stock.c.taken + 1)
    if connection.execute(taken).rowcount != 1:
        raise SoldOut
