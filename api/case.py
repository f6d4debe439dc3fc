"""GET /case/{contract_id}: everything said and promised on one contract, whoever heard it, on every channel."""

from typing import Any

import orjson
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy import Row

from api.docs import described, described_question
from api.errors import Problem
from api.examples import ANSWER
from api.identity import require_role
from api.pages import read_address
from api.replies import Offer, Reply, required
from api.schemas import Closed, Count, is_name
from api.sending import send
from api.sentences import Teller
from api.service import NOT_ON_FILE, Desk, Service, at_desk
from api.timeline import NEWEST, Entry, write_timeline
from api.told import AlarmTold, InteractionTold, PromiseTold, is_late, tell_alarm, tell_interaction, tell_promise
from api.worklist import WAITING, Waiting, tell_waiting
from engine.answers import writers_of
from engine.policy import ROLES_THAT_OFFER
from ledger import writer
from ledger.cases import Proposal
from ledger.history import MOST_ROWS, acceptances_of, interactions_of, open_alarms, unsettled_promises
from ledger.journal import Event
from ledger.keys import KeyHolder
from ledger.tables import OFFER_STATES, PLACES
from ledger.worklist import View, what_needs_a_human

MAY_READ = (*ROLES_THAT_OFFER, "auditor")
MOST_EVENTS = 999_999_999


class CaseQuestion(Closed):
    """Which part of the timeline."""

    before = Count(MOST_EVENTS)


class OfferOnTheTable(Reply):
    """An offer of the live proposal, and how far it has come."""

    state = required(fields.String, validate=validate.OneOf(OFFER_STATES))
    offer = fields.Nested(Offer, required=True)


class ProposalOnTheTable(Reply):
    """What lies on the table, with what it takes to name it at /shown and /accept."""

    proposal_id = required(fields.String)
    digest = required(fields.String)
    channel = required(fields.String, "of the contact it was made in")
    made_at = required(fields.DateTime)
    expires_on = required(fields.Date, "its last day")
    offers = fields.List(fields.Nested(OfferOnTheTable), required=True)


class AcceptanceTold(Reply):
    """What was accepted, and how it stands."""

    acceptance_id = required(fields.String)
    proposal_id = required(fields.String)
    offer_id = required(fields.String)
    digest = required(fields.String)
    status = required(fields.String)
    agent_id = required(fields.String)
    accepted_at = required(fields.DateTime)
    confirm_by = required(fields.DateTime)
    withdraw_until = required(fields.DateTime)
    offer = fields.Nested(Offer, required=True)


class Case(Reply):
    """One case."""

    contract_id = required(fields.String)
    read_at = required(fields.DateTime)
    proposal = fields.Nested(ProposalOnTheTable, required=True, allow_none=True)
    promises = fields.List(
        fields.Nested(PromiseTold),
        required=True,
        metadata={"description": "not kept so far, late and broken first"},
    )
    alarms = fields.List(fields.Nested(AlarmTold), required=True, metadata={"description": "open"})
    acceptances = fields.List(fields.Nested(AcceptanceTold), required=True, metadata={"description": "the last first"})
    interactions = fields.List(
        fields.Nested(InteractionTold), required=True, metadata={"description": "the last first"}
    )
    waiting = fields.List(
        fields.Nested(Waiting), required=True, metadata={"description": "why it is on the worklist, if it is"}
    )
    timeline = fields.List(fields.Nested(Entry), required=True, metadata={"description": "the last hundred entries"})
    earlier = required(fields.Integer, "ask again with this as `before`; null: that was all", allow_none=True)


EXAMPLE: dict[str, Any] = {
    "contract_id": "C-1001",
    "read_at": "2026-11-23T12:05:00.000000Z",
    "proposal": {
        "proposal_id": ANSWER["proposal_id"],
        "digest": ANSWER["digest"],
        "channel": "phone_in",
        "made_at": ANSWER["decided_at"],
        "expires_on": ANSWER["expires_on"],
        "offers": [{"state": "shown", "offer": ANSWER["offers"][0]}],
    },
    "promises": [],
    "alarms": [],
    "acceptances": [],
    "interactions": [],
    "waiting": [WAITING],
    "timeline": [
        {
            "sequence": 4711,
            "at": "2026-11-23T12:03:10.000000Z",
            "kind": "shown",
            "who": "shop-12",
            "role": "agent",
            "channel": "phone_in",
            "about": ANSWER["proposal_id"],
            "details": {"offer_id": ANSWER["offers"][0]["offer_id"], "read_back": True},
            "sentences": {
                "fr": "Dit au client : le Samsung Galaxy A17 pour 20,40\xa0€, engagement de 12 mois.",
                "nl": "Aan de klant gezegd: de Samsung Galaxy A17 voor €\xa020,40, verbintenis van 12 maanden.",
                "en": "Told to the customer: the Samsung Galaxy A17 for €20.40, a commitment of 12 months.",
            },
        }
    ],
    "earlier": None,
}
_BEFORE = {
    "name": "before",
    "description": "only what stands before this place in the journal",
    "schema": {"type": "integer", "minimum": 1, "maximum": MOST_EVENTS},
}
_SCHEMA = CaseQuestion()


def case_blueprint(service: Service) -> Blueprint:
    """The resource /case over one service."""
    blueprint = Blueprint("case", __name__, description="One case across channels")

    @blueprint.route("/case/<contract_id>")
    class CaseOfContract(MethodView):
        @described_question(blueprint, [_BEFORE])
        @described(blueprint, Case, EXAMPLE, (400, 401, 403, 404, 406, 422, 500, 503))
        def get(self, contract_id: str) -> Response:
            """Tell everything said and promised on a contract, to who is in contact with the customer"""
            holder = require_role(request, service.store, MAY_READ)
            asked = read_address(request, _SCHEMA)
            return send(read_case(service, holder, contract_id, asked.get("before", NEWEST)))

    return blueprint


def read_case(service: Service, holder: KeyHolder, contract_id: str, before: int) -> dict[str, Any]:
    """One case; the reading is itself on record. An auditor needs no contact. Raises Problem 404."""
    if not is_name(contract_id):
        raise Problem.of("not-found", NOT_ON_FILE)
    with at_desk(service, holder, contract_id) as desk:
        if holder.role != "auditor" and not desk.in_contact():
            raise Problem.of("not-found", NOT_ON_FILE)
        teller = Teller(writers_of(desk.in_force), service.zone)
        told = {"contract_id": contract_id, "read_at": desk.now, **_standing(desk, teller)}
        told["timeline"], told["earlier"] = write_timeline(desk, teller, before)
        writer.append(desk.connection, desk.now, Event("case_read", desk.by, "", desk.case.subject_id))
        return told


def _standing(desk: Desk, teller: Teller) -> dict[str, Any]:
    """How things stand now."""
    connection, subject_id = desk.connection, desk.case.subject_id
    promised = unsettled_promises(connection, subject_id)
    unkept_first = sorted(promised, key=lambda row: row.state == "open" and not is_late(row, desk.today))
    view = View(desk.today, desk.now, desk.in_force.policy["four_eyes_depth_cents"], subject_id=subject_id)
    return {
        "proposal": _tell_proposal(desk.case.live) if desk.case.live else None,
        "promises": [tell_promise(row, desk.today) for row in unkept_first],
        "alarms": [tell_alarm(row) for row in open_alarms(connection, subject_id)],
        "acceptances": [_tell_acceptance(row) for row in acceptances_of(connection, subject_id)],
        "interactions": [tell_interaction(row) for row in interactions_of(connection, subject_id)],
        "waiting": [tell_waiting(row, teller) for row in what_needs_a_human(connection, view, MOST_ROWS, 0)],
    }


def _tell_proposal(live: Proposal) -> dict[str, Any]:
    names = ("proposal_id", "digest", "channel", "made_at", "expires_on")
    in_order = sorted(live.offers, key=lambda each: (PLACES.index(each.place), each.offer_id))
    offers = [{"state": each.state, "offer": orjson.loads(each.terms)} for each in in_order]
    return {**{name: getattr(live.row, name) for name in names}, "offers": offers}


def _tell_acceptance(row: Row[Any]) -> dict[str, Any]:
    names = (
        "acceptance_id",
        "proposal_id",
        "offer_id",
        "agent_id",
        "accepted_at",
        "confirm_by",
        "withdraw_until",
    )
    told = {name: getattr(row, name) for name in names}
    return {**told, "digest": row.terms_digest, "status": row.state, "offer": orjson.loads(row.terms)}
