"""Writes what happens to a proposal: put on the table, shown, declined, withdrawn, expired; and who is in contact."""

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, update

from ledger.cases import Case, Proposal
from ledger.journal import By, Event, canonical, draw_id
from ledger.records import Record, time_text
from ledger.tables import cases, decisions, interactions, offers, proposals, reactions
from ledger.writer.journal import Act, append

NEVER_ANSWERED = ("offered", "shown")
TOLD_OF_A_DECISION = (
    *("decided_on", "stance", "arm", "probability_micro"),
    *("model_version", "rulebook_digest", "engine_version"),
)
"""What the event of a decision says: no digest of the answer, which would outlive the customer it speaks of."""
_INSERT_DECISION, _INSERT_PROPOSAL, _INSERT_OFFERS = insert(decisions), insert(proposals), insert(offers)
_INSERT_CASE, _INSERT_INTERACTION = insert(cases), insert(interactions)
_CHANGE_CASE = update(cases).where(cases.c.subject_id == bindparam("of_subject"))
_LENGTHEN = update(interactions).where(interactions.c.interaction_id == bindparam("running"))
_CLOSE_PROPOSAL = update(proposals).where(proposals.c.proposal_id == bindparam("closing"), proposals.c.state == "live")
_END_UNANSWERED = update(offers).where(offers.c.proposal_id == bindparam("closing"), offers.c.state.in_(NEVER_ANSWERED))


class Moved(Exception):
    """What was to be changed is no longer as it was read: somebody else was faster."""


@dataclass(frozen=True)
class Contact:
    """A contact of an agent with a customer, at one moment."""

    by: By
    channel: str
    at: datetime.datetime
    minutes: int


def keep_case(connection: Connection, subject_id: str, begun: bool, **columns: Any) -> None:
    """Write columns of a case; its row begins with the first thing that is said."""
    if begun:
        connection.execute(_CHANGE_CASE, {"of_subject": subject_id, **columns})
    else:
        blank = {"wants": "null", "heard": "{}"}
        connection.execute(_INSERT_CASE, {"subject_id": subject_id, **blank, **columns})


def open_interaction(connection: Connection, case: Case, contact: Contact) -> list[Event]:
    """Open an agent's interaction, or let the open one last longer; returns what the journal must say."""
    now = time_text(contact.at)
    closes_at = time_text(contact.at + datetime.timedelta(minutes=contact.minutes))
    running = case.interaction if case.interaction is not None and case.interaction.closed_at is None else None
    if running is not None and running.closes_at > now and running.channel == contact.channel:
        connection.execute(_LENGTHEN, {"running": running.interaction_id, "closes_at": closes_at})
        return []
    if running is not None:
        _close(connection, interactions.c.interaction_id == running.interaction_id, min(running.closes_at, now))
    row = {
        "interaction_id": draw_id(),
        "subject_id": case.subject_id,
        "agent_id": contact.by.actor,
        "channel": contact.channel,
        "opened_at": now,
        "closes_at": closes_at,
    }
    connection.execute(_INSERT_INTERACTION, row)
    details = {"channel": contact.channel}
    return [Event("contact_opened", contact.by, row["interaction_id"], case.subject_id, details)]


def close_interactions(connection: Connection, subject_id: str, at: str) -> None:
    """Close every open interaction on a contract: the customer has left it, or has accepted."""
    _close(connection, interactions.c.subject_id == subject_id, at)


def _close(connection: Connection, which: Any, at: str) -> None:
    still_open = which & interactions.c.closed_at.is_(None)
    connection.execute(update(interactions).where(still_open).values(closed_at=at))


def keep_decision(connection: Connection, case: Case, record: Record, before: Sequence[Event] = ()) -> None:
    """Write a decision, after what happened `before`; the case stays as it is."""
    occasion, subject_id = record.occasion, case.subject_id
    by = By(occasion.agent_id, record.question.snapshot["role"])
    row = record.row()
    details = {name: row[name] for name in TOLD_OF_A_DECISION}
    decided = Event("decided", by, occasion.decision_id, subject_id, details, record.body, record.answer)
    sequence = append(connection, occasion.decided_at, *before, decided)[-1]
    connection.execute(_INSERT_DECISION, {**row, "sequence": sequence, "subject_id": subject_id})


def propose(connection: Connection, case: Case, record: Record, before: Sequence[Event], **known: Any) -> None:
    """Write a decision and what it puts on the table, after what happened `before`; `known` are columns of the case."""
    occasion, subject_id = record.occasion, case.subject_id
    keep_decision(connection, case, record, before)
    keep_case(connection, subject_id, case.begun, decision_id=occasion.decision_id, **known)
    if record.proposal["proposal_id"] is None:
        return
    proposal = {
        "subject_id": subject_id,
        "state": "live",
        "channel": record.question.snapshot["channel"],
        "made_at": occasion.decided_at,
        **record.proposal,
    }
    connection.execute(_INSERT_PROPOSAL, proposal)
    connection.execute(_INSERT_OFFERS, [_offer(occasion.decision_id, *pair) for pair in _guarded(record)])


def _guarded(record: Record) -> list[tuple[Mapping[str, Any], Any]]:
    return list(zip(record.outcome.offers, record.outcome.amounts, strict=True))


def _offer(proposal_id: str, offer: Mapping[str, Any], amounts: Any) -> dict[str, Any]:
    return {
        "proposal_id": proposal_id,
        "offer_id": offer["offer_id"],
        "place": offer["place"],
        "state": "offered",
        "terms": canonical(offer).decode(),
        **vars(amounts),
    }


def show(connection: Connection, case: Case, offer: Row[Any], act: Act, read_back: bool) -> None:
    """Write that an offer was shown to the customer, and whether it was read back."""
    move(connection, offer, NEVER_ANSWERED, "shown")
    details = {"offer_id": offer.offer_id, "read_back": read_back}
    append(connection, act.now, Event("shown", act.by, offer.proposal_id, case.subject_id, details))


def decline(connection: Connection, case: Case, offer: Row[Any], act: Act, said: Mapping[str, Any]) -> None:
    """Write a refusal; every shown offer of the proposal is declined with it, the others are withdrawn.

    `said`: the reason, newly stated wants, and the day.
    """
    assert case.live is not None
    declined = [each for each in case.live.offers if each.state == "shown"]
    all_of_them = [each.offer_id for each in declined]
    details = {"offer_id": offer.offer_id, "reason": said["reason"], "day": said["day"], "declined": all_of_them}
    if case.interaction is not None:
        details["channel"] = case.interaction.channel
    event = Event("declined", act.by, offer.proposal_id, case.subject_id, details)
    [sequence] = append(connection, act.now, event)
    for each in declined:
        move(connection, each, ("shown",), "declined")
    rows = [
        {
            "sequence": sequence,
            "subject_id": case.subject_id,
            "proposal_id": each.proposal_id,
            "offer_id": each.offer_id,
            "reason": said["reason"] if each.offer_id == offer.offer_id else "other",
            "wants": canonical(said["wants"]).decode() if each.offer_id == offer.offer_id else "{}",
            "reacted_on": said["day"],
        }
        for each in declined
    ]
    connection.execute(insert(reactions), rows)
    end(connection, case.live, "withdrawn")


def withdraw(connection: Connection, proposal: Proposal, by: By, at: str, because: str) -> None:
    """Take what lies on the table back, for a stated reason."""
    end(connection, proposal, "withdrawn")
    append(connection, at, Event("withdrawn", by, proposal.id, proposal.row.subject_id, {"because": because}))


def expire(connection: Connection, proposal: Proposal, at: str) -> None:
    """Write that the last day of a proposal has passed."""
    end(connection, proposal, "expired")
    append(connection, at, Event("expired", By("calendar"), proposal.id, proposal.row.subject_id))


def end(connection: Connection, proposal: Proposal, state: str) -> None:
    """Close a proposal; its offers that nobody answered come into `state`."""
    if connection.execute(_CLOSE_PROPOSAL, {"closing": proposal.id, "state": "closed"}).rowcount != 1:
        raise Moved
    connection.execute(_END_UNANSWERED, {"closing": proposal.id, "state": state})


def move(connection: Connection, offer: Row[Any], before: Collection[str], state: str) -> None:
    """Bring one offer into a state. Raises Moved where it is not in one of the states it must come from."""
    here = (offers.c.proposal_id == offer.proposal_id) & (offers.c.offer_id == offer.offer_id)
    if connection.execute(update(offers).where(here, offers.c.state.in_(before)).values(state=state)).rowcount != 1:
        raise Moved
