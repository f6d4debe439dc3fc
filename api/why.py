"""GET /decision/{decision_id}/why: what a decision came from: its offers, its score, the rules that refused others."""

from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields, validate

from api.docs import described, described_question
from api.examples import ANSWER
from api.explaining import MAY_READ, NOTHING_ASKED, Decided, recorded, told_as_read
from api.identity import require_role
from api.pages import read_address
from api.replies import Reply, SentencesFor, VersionsUsed, required
from api.sending import send
from api.service import Service
from engine.answers import writers_of
from engine.decide import STANCES
from engine.explanation.why import write_why, write_why_sentences
from ledger.keys import KeyHolder
from models import NO_RELEASE
from models.factors import factors_of
from models.features import IncompatibleFeatures

SOURCES = ("model", "stored", "assumed", "objection")
"""Where a chance of leaving comes from; of who objects to profiling there is none."""

USED = {"model": "profile", "stored": "profile", "assumed": "facts", "objection": "no_profile"}
"""What a customer is told of the data that were used."""


class Part(Reply):
    """What one term of an offer is worth to the customer."""

    of = required(fields.String, "top_up, discount, credit, or a taste: device, commitment, data, sms and the like")
    cents_a_month = required(fields.Float)


class House(Reply):
    """What the house expects of an offer, and what guards it."""

    p_accept = required(fields.Float)
    p_leave = required(fields.Float, "where the offer is made")
    value_cents = required(fields.Integer, "expected, beyond that of offering nothing")
    secured_cents = required(fields.Integer)
    floor_cents = required(fields.Integer)
    concession_cents = required(fields.Integer)


class OfferExplained(Reply):
    """An offer on the table, and what its terms are worth."""

    offer_id = required(fields.String)
    worth_to_customer_cents_a_month = required(fields.Float, "null: nothing was weighed", allow_none=True)
    parts = fields.List(fields.Nested(Part), required=True, metadata={"description": "they add up to the worth"})
    asked_for = required(fields.Boolean)
    house = fields.Nested(House, required=True, allow_none=True, metadata={"description": "managers and auditors"})


class FeatureRead(Reply):
    """A feature of the churn model and what it adds."""

    feature = required(fields.String)
    value = fields.Raw(required=True, metadata={"type": ["number", "string", "null"], "description": "as on file"})
    reads = required(fields.String, "what the model reads of it: a range, a level, or missing")
    log_odds = required(fields.Float, "what it adds to the average customer's, or takes")


class ChurnExplained(Reply):
    """Where the chance of leaving comes from."""

    source = required(fields.String, validate=validate.OneOf(SOURCES))
    p_churn = required(fields.Float, allow_none=True)
    release = required(fields.String)
    at_hand = required(fields.Boolean, "the release is still there; without it the features cannot be told")
    base_log_odds = required(fields.Float, "of the average customer", allow_none=True)
    features = fields.List(
        fields.Nested(FeatureRead), required=True, metadata={"description": "strongest first; with the base: the sum"}
    )
    log_odds = required(fields.Float, "the sum", allow_none=True)


class RuleCounted(Reply):
    """A rule, and how many candidates it refused."""

    rule = required(fields.String)
    refused = required(fields.Integer)


class Refusals(Reply):
    """What became of all that could have been offered."""

    candidates = required(fields.Integer)
    allowed = required(fields.Integer)
    rules = fields.List(fields.Nested(RuleCounted), required=True, metadata={"description": "the most first"})


class Why(Reply):
    """What a decision came from."""

    decision_id = required(fields.String)
    decided_at = required(fields.DateTime)
    decided_on = required(fields.Date)
    stance = required(fields.String, validate=validate.OneOf(STANCES))
    replays = required(fields.Boolean, "decided again from its record it comes out the same, byte for byte")
    offers = fields.List(fields.Nested(OfferExplained), required=True)
    refusals = fields.Nested(Refusals, required=True)
    churn = fields.Nested(ChurnExplained, required=True)
    degraded = fields.List(fields.String(), required=True)
    assumptions = fields.List(fields.Dict(), required=True)
    priors = fields.List(fields.String(), required=True)
    unverified_rules = fields.List(fields.String(), required=True)
    sentences = fields.Nested(SentencesFor, required=True)
    versions = fields.Nested(VersionsUsed, required=True)


_OF_THE_DAY = ("decision_id", "decided_at", "decided_on", "stance")
_AS_ANSWERED = (*_OF_THE_DAY, "degraded", "assumptions", "priors", "unverified_rules", "versions")
EXAMPLE: dict[str, Any] = {
    **{name: ANSWER[name] for name in _AS_ANSWERED},
    "replays": True,
    "offers": [
        {
            "offer_id": ANSWER["offers"][0]["offer_id"],
            "worth_to_customer_cents_a_month": 63.27,
            "parts": [
                {"of": "top_up", "cents_a_month": -85.0},
                {"of": "device", "cents_a_month": 412.27},
                {"of": "commitment", "cents_a_month": -264.0},
            ],
            "asked_for": True,
            "house": None,
        }
    ],
    "refusals": {"candidates": 1266, "allowed": 4, "rules": [{"rule": "HOUSE-FLOOR-CENTS", "refused": 1011}]},
    "churn": {
        "source": "model",
        "p_churn": 0.38,
        "release": "churn-0f3a9c2b1d7e",
        "at_hand": True,
        "base_log_odds": -1.2,
        "features": [{"feature": "tenure", "value": 7.0, "reads": "6 to 12", "log_odds": 0.71}],
        "log_odds": -0.49,
    },
    "sentences": {
        "agent": {
            "fr": "1266 possibilités examinées, 4 permises ; la règle qui en refuse le plus : HOUSE-FLOOR-CENTS.",
            "nl": "1266 mogelijkheden bekeken, 4 toegelaten; de regel die de meeste weigert: HOUSE-FLOOR-CENTS.",
            "en": "1266 possibilities looked at, 4 allowed; the rule that refuses most: HOUSE-FLOOR-CENTS.",
        },
        "customer": {
            "fr": "Nous nous sommes fondés sur votre contrat, votre usage et vos demandes.",
            "nl": "Wij gingen uit van uw contract, uw gebruik en uw vragen.",
            "en": "We went by your contract, your usage and what you asked for.",
        },
    },
}


def why_blueprint(service: Service) -> Blueprint:
    """The resource /decision/{decision_id}/why over one service."""
    blueprint = Blueprint("why", __name__, description="What a decision came from")

    @blueprint.route("/decision/<decision_id>/why")
    class WhyOfDecision(MethodView):
        @described_question(blueprint)
        @described(blueprint, Why, EXAMPLE, (400, 401, 403, 404, 406, 410, 422, 500, 503))
        def get(self, decision_id: str) -> Response:
            """Tell what a decision came from: its offers, its score, and the rules that refused the others"""
            holder = require_role(request, service.store, MAY_READ)
            read_address(request, NOTHING_ASKED)
            return send(explain_decision(service, holder, decision_id))

    return blueprint


def explain_decision(service: Service, holder: KeyHolder, decision_id: str) -> dict[str, Any]:
    """What a recorded decision came from; the reading is on record. Raises Problem 404, 410."""
    decided = recorded(service, holder, decision_id)
    why = write_why(decided.decisions, decided.checked, holder.role)
    told_as_read(service, holder, decided, {})
    churn = _churn(service, decided)
    return {
        **{name: decided.answer[name] for name in _AS_ANSWERED},
        "replays": decided.replays,
        **why,
        "churn": churn,
        "sentences": write_why_sentences(writers_of(service.in_force()), why, USED[churn["source"]]),
    }


def _churn(service: Service, decided: Decided) -> dict[str, Any]:
    """The chance of leaving as it was answered, and what it is the sum of where the release of that day is at hand."""
    answer, version = decided.answer, decided.record["versions"]["model"]
    told = {
        "source": answer["p_churn_source"] or "objection",
        "p_churn": answer["p_churn"],
        "release": version,
        "at_hand": False,
        "base_log_odds": None,
        "features": [],
        "log_odds": None,
    }
    release = None if version == NO_RELEASE else service.releases.of(version)
    if release is None:
        return told
    told["at_hand"] = True
    if told["source"] != "model":
        return told
    try:
        found = factors_of(release.churn, decided.record["features"])
    except (IncompatibleFeatures, KeyError):
        return told
    return {
        **told,
        "base_log_odds": found.base_log_odds,
        "features": [vars(factor) for factor in found.factors],
        "log_odds": found.log_odds,
    }
