"""GET /decision/{decision_id}/why-not/{candidate}: why an offer was not made, and the smallest change that turns it."""

from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields, validate

from api.docs import described, described_question
from api.errors import Problem
from api.examples import ANSWER
from api.explaining import MAY_READ, NOTHING_ASKED, UNKNOWN, recorded, told_as_read
from api.identity import require_role
from api.pages import read_address
from api.replies import Reply, Sentences, SentencesFor, Terms, VersionsUsed, required
from api.schemas import OFFER_ID
from api.sending import send
from api.service import Service
from engine.answers import writers_of
from engine.explanation.ranked import BECAUSE
from engine.explanation.write import SEE_MARGINS, write_why_not
from engine.policy import ROLES_THAT_OFFER
from ledger.keys import KeyHolder

STATUSES = ("law", "policy")
_ANY = {"type": ["string", "number", "integer", "boolean", "array", "null"]}


class Read(Reply):
    """A value that a rule has read."""

    name = required(fields.String, "the fact or the amount")
    found = fields.Raw(required=True, metadata={**_ANY, "description": "null where only a manager may see it"})
    test = required(fields.String, "at_least, at_most, above, equals, one_of or none_of")
    needed = fields.Raw(required=True, metadata=_ANY)
    unit = required(fields.String)
    number = required(fields.String, "the entry of the rulebook that is needed comes from; empty: another fact")


class RuleThatRefused(Reply):
    """A rule that speaks against the candidate, and what it has read."""

    id = required(fields.String)
    source = required(fields.String, "the file of its numbers")
    status = required(fields.String, "law, or a policy of the house", validate=validate.OneOf(STATUSES))
    unverified = required(fields.Boolean, "its source was not seen, or does not settle it")
    read = fields.List(fields.Nested(Read), required=True)


class ChangeTold(Reply):
    """One thing that would have to be otherwise."""

    name = required(fields.String)
    unit = required(fields.String)
    now = fields.Raw(required=True, data_key="from", metadata=_ANY)
    to = fields.Raw(required=True, metadata=_ANY)


class TurnTold(Reply):
    """Changes that together let the candidate pass; with a cent, a month or one of them less it does not."""

    changes = fields.List(fields.Nested(ChangeTold), required=True)
    offer = fields.Nested(Terms, required=True, metadata={"description": "the terms that then pass"})
    sentences = fields.Nested(Sentences, required=True)


class WentBefore(Reply):
    """The main offer that a candidate gave way to."""

    offer_id = required(fields.String)
    because = required(fields.String, validate=validate.OneOf(BECAUSE))
    short_cents = required(
        fields.Integer, "how much more it would have to be worth to us; for managers and auditors", allow_none=True
    )


class WhyNot(Reply):
    """Why one candidate of a decision was not offered."""

    decision_id = required(fields.String)
    candidate = required(fields.String)
    allowed = required(fields.Boolean, "no rule speaks against it")
    place = required(
        fields.String,
        "where it lies on the table",
        allow_none=True,
        validate=validate.OneOf(["main", "alternative", "entitlement", None]),
    )
    gave_way_to = fields.Nested(
        WentBefore,
        required=True,
        allow_none=True,
        metadata={"description": "of one that is allowed and not on the table: the main offer, and why"},
    )
    offer = fields.Nested(Terms, required=True)
    missing_cents = required(fields.Integer, "net cents short of the floor")
    may_approve = fields.List(fields.String(validate=validate.OneOf(ROLES_THAT_OFFER)), required=True)
    rules = fields.List(fields.Nested(RuleThatRefused), required=True)
    turns = fields.List(
        fields.Nested(TurnTold),
        required=True,
        metadata={"description": "what an agent can do first; of a refusal none: no change was found"},
    )
    sentences = fields.Nested(SentencesFor, required=True)
    replays = required(fields.Boolean, "decided again from its record the decision comes out the same, byte for byte")
    versions = fields.Nested(VersionsUsed, required=True)


_TERMS = {name: ANSWER["offers"][0][name] for name in Terms().fields}
_SENTENCE = {
    "fr": "Passerait avec : un supplément de 20,40\xa0€ (au lieu de 19,90\xa0€).",
    "nl": "Kan wel met: een bijbetaling van €\xa020,40 (in plaats van €\xa019,90).",
    "en": "It would pass with: a top-up of €20.40 (instead of €19.90).",
}
EXAMPLE: dict[str, Any] = {
    "decision_id": ANSWER["decision_id"],
    "candidate": "phone.galaxy-a17.12m.top001990",
    "allowed": False,
    "place": None,
    "gave_way_to": None,
    "offer": {**_TERMS, "offer_id": "phone.galaxy-a17.12m.top001990", "template": "phone", "top_up_cents": 1990},
    "missing_cents": 42,
    "may_approve": [],
    "rules": [
        {
            "id": "HOUSE-FLOOR-CENTS",
            "source": "policy.toml",
            "status": "policy",
            "unverified": False,
            "read": [
                {
                    "name": "secured_margin_cents",
                    "found": None,
                    "test": "at_least",
                    "needed": None,
                    "unit": "cents",
                    "number": "floor_cents_12",
                }
            ],
        }
    ],
    "turns": [
        {
            "changes": [{"name": "top_up_cents", "unit": "cents", "from": 1990, "to": 2040}],
            "offer": {**_TERMS, "offer_id": "phone.galaxy-a17.12m.top002040", "template": "phone"},
            "sentences": _SENTENCE,
        }
    ],
    "sentences": {
        "agent": _SENTENCE,
        "customer": {
            "fr": "Nous ne vous proposons pas le Samsung Galaxy A17 pour 19,90\xa0€, engagement de 12 mois : ces "
            "conditions ne sont pas possibles pour nous.",
            "nl": "Wij bieden u dit niet aan: de Samsung Galaxy A17 voor €\xa019,90, verbintenis van 12 maanden; deze "
            "voorwaarden zijn voor ons niet mogelijk.",
            "en": "We do not offer you the Samsung Galaxy A17 for €19.90, a commitment of 12 months: these terms are "
            "not possible for us.",
        },
    },
    "replays": True,
    "versions": ANSWER["versions"],
}


def why_not_blueprint(service: Service) -> Blueprint:
    """The resource /decision/{decision_id}/why-not/{candidate} over one service."""
    blueprint = Blueprint("why-not", __name__, description="Why an offer was not made")

    @blueprint.route("/decision/<decision_id>/why-not/<candidate>")
    class WhyNotOfCandidate(MethodView):
        @described_question(blueprint)
        @described(blueprint, WhyNot, EXAMPLE, (400, 401, 403, 404, 406, 410, 422, 500, 503))
        def get(self, decision_id: str, candidate: str) -> Response:
            """Tell which rules speak against a candidate, with what they read, and the smallest change that turns it"""
            holder = require_role(request, service.store, MAY_READ)
            read_address(request, NOTHING_ASKED)
            return send(explain_candidate(service, holder, decision_id, candidate))

    return blueprint


def explain_candidate(service: Service, holder: KeyHolder, decision_id: str, candidate: str) -> dict[str, Any]:
    """Why a candidate of a recorded decision was not offered; the reading is on record. Raises Problem 404, 410."""
    decided = recorded(service, holder, decision_id)
    matter = decided.matter(candidate) if OFFER_ID.fullmatch(candidate) else None
    if matter is None:
        raise Problem.of("not-found", UNKNOWN)
    told_as_read(service, holder, decided, {"candidate": candidate})
    return {
        "decision_id": decision_id,
        "candidate": candidate,
        "place": decided.place(candidate),
        "gave_way_to": _for_eyes(decided.went_before(candidate), holder.role),
        **write_why_not(matter, holder.role, writers_of(service.in_force())),
        "replays": decided.replays,
        "versions": decided.record["versions"],
    }


def _for_eyes(before: dict[str, Any] | None, role: str) -> dict[str, Any] | None:
    return before if before is None or role in SEE_MARGINS else {**before, "short_cents": None}
