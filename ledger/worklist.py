"""Reads what needs a human, the most pressing first."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, case, exists, func, literal, select, union_all

from ledger.tables import acceptances, alarms, approvals, contracts, interactions, offers, promises, proposals
from ledger.writer import COMPLAINT, CONTEST, PORT

PROMISE, ALARM, APPROVAL, CONFIRMATION = "promise", "alarm", "approval", "confirmation"
ORDER = (PROMISE, ALARM, COMPLAINT, CONTEST, APPROVAL, CONFIRMATION, PORT)
"""Why something is on the worklist, the most pressing reason first."""


@dataclass(frozen=True)
class View:
    """A moment of the operator's calendar, from which concession on two must stand behind an offer, and for whom.

    `agent_id`: only contracts that this agent has an open interaction on. `subject_id`: only this one. `not_now`:
    promises to call back, at a moment at which one may not call.
    """

    today: datetime.date
    now: str
    four_eyes_depth_cents: int
    agent_id: str | None = None
    subject_id: str | None = None
    not_now: tuple[str, ...] = ()


def what_needs_a_human(connection: Connection, view: View, most: int, passed_over: int) -> Sequence[Row[Any]]:
    """What needs a human, in the order in which somebody should see to it, by its place in `ORDER`.

    Rows of (place, about, kind, until, details, since, contract_id). Inside a reason what is due first comes first.
    `kind` is that of a promise or an alarm, else the offer; `details` are JSON: of an alarm its own, of an approval
    the terms.
    """
    parts = (_promises(view), _alarms(view), _approvals(view), _confirmations(view))
    listed = union_all(*parts).subquery()
    rows = select(listed).order_by(listed.c.place, listed.c.since, listed.c.about)
    return connection.execute(rows.limit(most).offset(passed_over)).all()


def unkept_callbacks(connection: Connection, view: View) -> Sequence[Row[Any]]:
    """The promises to call back that were not kept: (promise_id, contract_id)."""
    found = _seen(select(promises.c.promise_id, contracts.c.contract_id), promises, view)
    return connection.execute(found.where(_unkept(view), promises.c.kind == "callback")).all()


def _promises(view: View) -> Select[Any]:
    columns = _columns(_place(PROMISE), promises.c.promise_id, promises.c.kind, promises.c.due_on)
    return _seen(select(*columns), promises, view).where(_unkept(view), promises.c.promise_id.not_in(view.not_now))


def _unkept(view: View) -> ColumnElement[bool]:
    late = (promises.c.state == "open") & (promises.c.due_on < view.today.isoformat())
    return (promises.c.state == "broken") | late


def _alarms(view: View) -> Select[Any]:
    own_place = {kind: ORDER.index(kind) for kind in (COMPLAINT, CONTEST, PORT)}
    place = case(own_place, value=alarms.c.kind, else_=ORDER.index(ALARM))
    columns = _columns(
        place, alarms.c.alarm_id, alarms.c.kind, alarms.c.answer_by, alarms.c.details, alarms.c.raised_at
    )
    return _seen(select(*columns), alarms, view).where(alarms.c.closed_at.is_(None))


def _approvals(view: View) -> Select[Any]:
    """Offers that the customer knows and that nobody has approved or refused."""
    deep = (offers.c.place != "entitlement") & (offers.c.depth_cents > view.four_eyes_depth_cents)
    asks = offers.c.terms.contains('"needs_approval":true', autoescape=True)  # canonical JSON has no other spelling
    same = (approvals.c.proposal_id == offers.c.proposal_id) & (approvals.c.offer_id == offers.c.offer_id)
    columns = _columns(
        _place(APPROVAL), offers.c.proposal_id, offers.c.offer_id, proposals.c.expires_on, offers.c.terms
    )
    found = _seen(select(*columns), proposals, view).join(offers, offers.c.proposal_id == proposals.c.proposal_id)
    shown = (proposals.c.state == "live") & (offers.c.state == "shown")
    return found.where(shown, deep | asks, ~exists().where(same))


def _confirmations(view: View) -> Select[Any]:
    id_and_offer = acceptances.c.acceptance_id, acceptances.c.offer_id
    columns = _columns(_place(CONFIRMATION), *id_and_offer, acceptances.c.confirm_by)
    return _seen(select(*columns), acceptances, view).where(acceptances.c.state == "to_confirm")


def _place(why: str) -> ColumnElement[Any]:
    return literal(ORDER.index(why))


def _columns(*named: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """place, about, kind, until; then the details, and since when, where there is more to tell."""
    place, about, kind, until, *more = named
    details = more[0] if more else literal("{}")
    since = more[1] if len(more) > 1 else until
    parts = {"place": place, "about": about, "kind": kind, "until": until, "details": details}
    parts["since"] = func.coalesce(until, since)
    return [*(column.label(name) for name, column in parts.items()), contracts.c.contract_id]


def _seen(found: Select[Any], table: Table, view: View) -> Select[Any]:
    found = found.join_from(table, contracts, table.c.subject_id == contracts.c.subject_id)
    if view.subject_id is not None:
        found = found.where(contracts.c.subject_id == view.subject_id)
    if view.agent_id is not None:
        running = interactions.c.closed_at.is_(None) & (interactions.c.closes_at > view.now)
        mine = select(interactions.c.subject_id).where(running, interactions.c.agent_id == view.agent_id)
        found = found.where(contracts.c.subject_id.in_(mine))
    return found
