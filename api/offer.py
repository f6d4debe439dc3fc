"""POST /offer: what may be offered to the customer of one contract, now, by whoever asks."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from sqlalchemy import Row

from api.asking import OfferRequest, read_asked, refuse_unknown_names
from api.calls import verdict_on
from api.deciding import decide_on, question_digest, question_of, score_question, stated_wants
from api.docs import described, described_request
from api.examples import ANSWER, REQUESTS
from api.identity import require_role
from api.replies import Answer
from api.service import Desk, Service, at_desk
from engine.policy import ROLES_THAT_OFFER
from ledger import queries, writer
from ledger.journal import Event, canonical
from ledger.keys import KeyHolder
from ledger.records import Record
from ledger.snapshots import Snapshot

SCHEMA = OfferRequest()


def offer_blueprint(service: Service) -> Blueprint:
    """The resource /offer over one service."""
    blueprint = Blueprint("offer", __name__, description="What may be offered to one customer")

    @blueprint.route("/offer")
    class Offer(MethodView):
        @described_request(blueprint, OfferRequest, REQUESTS)
        @described(blueprint, Answer, ANSWER, (400, 401, 403, 404, 406, 413, 415, 422, 500, 503))
        def post(self) -> Response:
            """Decide what to offer, and put it on record before it is answered"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER)
            asked = read_asked(request, SCHEMA, service.catalogue)
            return Response(answer(service, holder, asked), mimetype="application/json")

    return blueprint


def answer(service: Service, holder: KeyHolder, asked: Mapping[str, Any]) -> bytes:
    """The answer to a checked request, on record before it is returned; the offer on the table stays on the table.

    A new proposal is made when nothing lies on the table, or when the question is another one than it answers: a new
    wish, other facts, a new day without an answer. Raises Problem 404, StoreUnavailable.
    """
    with at_desk(service, holder, asked["contract_id"]) as desk:
        refuse_unknown_names(asked, desk.in_force.catalogue)
        snapshot = question_of(desk, asked)
        if (verdict := verdict_on(desk, snapshot)) is not None and not verdict.allowed:
            return refuse_the_call(desk, snapshot)
        contact = writer.Contact(desk.by, asked["channel"], desk.moment, desk.in_force.policy["interaction_minutes"])
        before = writer.open_interaction(desk.connection, desk.case, contact)
        if (same := _already_decided(desk, snapshot)) is not None:
            repeated = Event("offer_repeated", desk.by, desk.case.contract.decision_id, desk.case.subject_id)
            writer.append(desk.connection, desk.now, *before, repeated)
            return same
        if desk.case.live is not None:
            writer.withdraw(desk.connection, desk.case.live, desk.by, desk.now, "another question")
        return propose(desk, snapshot, before, stated_wants(asked)).answer


def refuse_the_call(desk: Desk, snapshot: Snapshot) -> bytes:
    """The answer to who would call and may not: on record, but no contact; what lies on the table stays there."""
    record = decide_on(desk, score_question(desk, snapshot))
    writer.keep_decision(desk.connection, desk.case, record)
    return record.answer


def propose(desk: Desk, snapshot: Snapshot, before: Sequence[Event], wants: Mapping[str, Any] | None) -> Record:
    """Decide one question and put on the table what comes out, on record after what happened `before`.

    `wants` is the wish as it now stands; None where nothing new was said of it.
    """
    record = decide_on(desk, score_question(desk, snapshot))
    known = {} if wants is None else {"wants": canonical(wants).decode()}
    keep(desk, record, snapshot, before, known)
    return record


def keep(desk: Desk, record: Record, snapshot: Snapshot, before: Sequence[Event], known: Mapping[str, Any]) -> None:
    """Write a decision as the answer to its question, and what it puts on the table."""
    digest = question_digest(desk, snapshot)
    writer.propose(desk.connection, desk.case, record, before, question_digest=digest, **known)


def _already_decided(desk: Desk, snapshot: Snapshot) -> bytes | None:
    """The bytes that were answered to the same question, unless what they proposed was taken back or is sold out."""
    case = desk.case
    if not case.begun or case.contract.question_digest != question_digest(desk, snapshot):
        return None
    if case.live is not None and any(_sold_out(offer, snapshot) for offer in case.live.offers):
        return None
    decided = queries.find_decision(desk.connection, case.contract.decision_id)
    if decided is None or decided.answer is None:
        return None
    proposes = orjson.loads(decided.answer)["proposal_id"] is not None
    return bytes(decided.answer) if not proposes or case.live is not None else None


def _sold_out(offer: Row[Any], snapshot: Snapshot) -> bool:
    return orjson.loads(offer.terms)["device"] in snapshot["sold_out"]
