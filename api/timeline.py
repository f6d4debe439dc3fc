"""The timeline of a case: what was said, offered and promised on every channel, in plain data and in a sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from marshmallow import fields, validate
from sqlalchemy import Connection, Row

from api.replies import Reply, Sentences, required
from api.sentences import Teller
from api.service import Desk
from engine.fields import CHANNELS, ROLES
from ledger.history import MOST_ROWS, acceptances_of, events_of, interactions_of, offers_of

LEFT_OUT = (
    "case_read",
    "checked",
    "contact_prolonged",
    "decision_read",
    "delivered",
    "erased",
    "forgotten",
    "imported",
    "key_created",
    "key_revoked",
    "offer_repeated",
    "posted",
    "purged",
    "record_exported",
    "rulebook_activated",
    "rulebook_approved",
    "rulebook_kept",
    "rulebook_proposed",
    "rulebook_rolled_back",
)
"""Events that say nothing between the customer and the operator."""

TOLD = (
    "offer_id",
    "acceptance_id",
    "reason",
    "because",
    "how",
    "kind",
    "due_on",
    "channel",
    "read_back",
    "stance",
    "where",
    "reach",
    "answer_by",
    "outcome",
    "happened_on",
    "match",
)
"""What of the details of an event is told: nothing of margins and depths."""

WITH_A_BODY = {"fault_opened": "fault"}
"""Events of which the body is told, and what of it; other bodies hold facts and scores."""

NEWEST = 2**62
Offers = Mapping[str | tuple[str, str], Mapping[str, Any]]


class Entry(Reply):
    """Something that happened on a case."""

    sequence = required(fields.Integer, "its place in the journal")
    at = required(fields.DateTime)
    kind = required(fields.String)
    who = required(fields.String, "the agent, or the part of Counteroffer")
    role = required(fields.String, validate=validate.OneOf((*ROLES, "system")))
    channel = required(
        fields.String, "of the contact it happened in", allow_none=True, validate=validate.OneOf((*CHANNELS, None))
    )
    about = required(fields.String, "the id of what it happened to: a proposal, a promise, an alarm")
    details = required(fields.Dict)
    sentences = fields.Nested(Sentences, required=True)


def write_timeline(desk: Desk, teller: Teller, before: int) -> tuple[list[dict[str, Any]], int | None]:
    """(what happened last before a place in the journal, in its order; the place to go on from, None at the end)."""
    connection, subject_id = desk.connection, desk.case.subject_id
    rows = events_of(connection, subject_id, LEFT_OUT, before)
    entries = tell_events(connection, subject_id, rows[::-1], teller)
    return entries, rows[-1].sequence if len(rows) == MOST_ROWS else None


def tell_events(
    connection: Connection, subject_id: str, rows: Sequence[Row[Any]], teller: Teller
) -> list[dict[str, Any]]:
    """Some events of a contract, each in plain data and in a sentence."""
    contacts = interactions_of(connection, subject_id)
    offers = _offers_named(connection, subject_id, rows)
    return [_entry(row, contacts, offers, teller) for row in rows]


def _entry(row: Row[Any], contacts: Sequence[Row[Any]], offers: Offers, teller: Teller) -> dict[str, Any]:
    details = orjson.loads(row.details)
    told = {name: details[name] for name in TOLD if name in details} | _of_the_body(row)
    offer = offers.get(details.get("acceptance_id", "")) or offers.get((row.about, details.get("offer_id", "")))
    sentence = row.kind if row.kind != "decided" else "offered" if offer else "not_offered"
    return {
        "sequence": row.sequence,
        "at": row.at,
        "kind": row.kind,
        "who": row.actor,
        "role": row.role,
        "channel": next((each.channel for each in contacts if _within(each, row)), None),
        "about": row.about,
        "details": told,
        "sentences": teller.tell("timeline", sentence, {**told, **_named(row.kind, told), "offer": offer}),
    }


def _named(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """What a sentence on an event of this kind may name: `kind` is that of a promise or of an alarm."""
    date = next((told[name] for name in ("due_on", "happened_on") if name in told), None)
    of_what = "alarm" if kind.startswith("alarm") else "promise"
    return {"date": date, **({of_what: told["kind"]} if "kind" in told else {})}


def _of_the_body(row: Row[Any]) -> dict[str, Any]:
    name = WITH_A_BODY.get(row.kind)
    if name is None:
        return {}
    return {name: None if row.body is None else orjson.loads(bytes(row.body))[name]}


def _within(contact: Row[Any], event: Row[Any]) -> bool:
    until = contact.closed_at or contact.closes_at
    return bool(contact.agent_id == event.actor and contact.opened_at <= event.at <= until)


def _offers_named(connection: Connection, subject_id: str, rows: Sequence[Row[Any]]) -> Offers:
    """The terms of the offers that events speak of: by proposal and offer, by acceptance; of a decision the main."""
    found: dict[Any, Any] = {}
    for each in offers_of(connection, subject_id, {row.about for row in rows}):
        found[each.proposal_id, each.offer_id] = orjson.loads(each.terms)
        if each.place == "main":
            found[each.proposal_id, ""] = found[each.proposal_id, each.offer_id]
    for each in acceptances_of(connection, subject_id):
        found[each.acceptance_id] = orjson.loads(each.terms)
    return found
