"""What is sent, for the description of the API: bodies are written by orjson, these schemas say what they hold."""

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from api.errors import CODES
from engine.decide import STANCES
from engine.policy import ROLES_THAT_OFFER
from ledger.tables import PROMISE_STATES


def required(kind: type[fields.Field[Any]], meaning: str = "", **options: Any) -> fields.Field[Any]:
    """A member that is always there, and what it means."""
    return kind(required=True, metadata={"description": meaning} if meaning else {}, **options)


class Reply(Schema):
    """An object with exactly the members listed."""

    class Meta:
        unknown = RAISE


class Sentences(Reply):
    """One sentence a language."""

    fr = required(fields.String)
    nl = required(fields.String)
    en = required(fields.String)


class OfferSentences(Reply):
    """What the agent reads of an offer, what may be said to the customer, and what is read back."""

    agent = fields.Nested(Sentences, required=True)
    customer = fields.Nested(Sentences, required=True)
    read_back = fields.Nested(Sentences, required=True)


class SentencesFor(Reply):
    """What the agent reads, and what may be said to the customer."""

    agent = fields.Nested(Sentences, required=True)
    customer = fields.Nested(Sentences, required=True)


class Leaving(Reply):
    """What leaving costs from the end of a month on."""

    after_months = required(fields.Integer)
    basis = required(fields.String, "contract terms, share of dues, or residual value of the handset")
    share = fields.Float(metadata={"description": "of what is due for the rest of what the law counts"})
    rule = required(fields.String)


class Duty(Reply):
    """What the law wants said to the customer, whatever is offered."""

    rule = required(fields.String)
    sentences = fields.Nested(Sentences, required=True)


class LeavingNow(Reply):
    """What leaving the current contract costs at most, under the law of the day it was concluded."""

    months_done = required(fields.Integer)
    at_most_cents = required(fields.Integer, "today, including VAT")
    rules = fields.List(fields.String(), required=True)
    contract_terms = required(fields.Boolean, "the law sets no cap: look into the contract, this is all that is due")
    free_from = required(fields.Date, "from this day on nothing is to pay")
    cents_by_month = fields.List(fields.Integer(), required=True, metadata={"description": "after 0, 1, ... months"})


class BestTariff(Reply):
    """The cheapest tariff on sale at the usage on file: no margin and no score is read for it."""

    tariff = required(fields.String, "its id in tariffs.toml; null where none can be told", allow_none=True)
    says = fields.Nested(Sentences, required=True, allow_none=True)
    monthly_cents = required(fields.Integer, "at this usage, including VAT", allow_none=True)
    saves_cents = required(
        fields.Integer, "a month against today's price; below zero: nothing on sale is cheaper", allow_none=True
    )
    reason = required(fields.String, "usage_unknown or none_on_sale, where none can be told", allow_none=True)
    usage_not_on_file = fields.List(  # `unknown` is a name of marshmallow's
        fields.String(), required=True, data_key="unknown", metadata={"description": "facts of usage"}
    )
    sentences = fields.Nested(SentencesFor, required=True)


class Terms(Reply):
    """The exact terms of an offer: cents including VAT, whole months, days."""

    offer_id = required(fields.String)
    template = required(fields.String, "the offer of offers.toml this is made from")
    kind = required(fields.String, "device, trade_in, discount, extras, credit or service")
    device = required(fields.String, allow_none=True)
    device_says = required(fields.String, allow_none=True)
    top_up_cents = required(fields.Integer, "what the customer pays for the device today")
    commitment_months = required(fields.Integer, validate=validate.Range(0, 24))
    commitment_ends_on = required(fields.Date)
    current_commitment_continues = required(fields.Boolean)
    monthly_cents = required(fields.Integer)
    discount_cents = required(fields.Integer)
    discount_months = required(fields.Integer)
    discount_ends_on = required(fields.Date, allow_none=True)
    monthly_cents_after_discount = required(fields.Integer)
    extras = fields.List(fields.String(), required=True)
    extras_say = fields.List(fields.Nested(Sentences), required=True)
    extras_months = required(fields.Integer)
    extras_end_on = required(fields.Date, allow_none=True)
    credit_cents = required(fields.Integer)
    needs_express_consent = required(
        fields.Boolean, "the customer must expressly agree to the new term: read the offer back before it is accepted"
    )
    leaving = fields.List(fields.Nested(Leaving), required=True)
    leaving_cents = fields.List(
        fields.Integer(), required=True, metadata={"description": "at most, after 0, 1, ... months; none committed"}
    )
    trade_in = required(fields.String, allow_none=True)
    trade_in_says = required(fields.String, allow_none=True)
    trade_in_credit_cents = required(fields.Integer)


class Offer(Terms):
    """An offer on the table, with its twin at 12 months where the law wants one."""

    place = required(fields.String, validate=validate.OneOf(["main", "alternative", "entitlement", "composed"]))
    why = required(fields.String, "asked_for, nearest, best, alternative, standard, entitlement or composed")
    missing = fields.Dict(
        fields.String(), fields.Integer(), required=True, metadata={"description": "short of the wish"}
    )
    worth_to_customer_cents_a_month = required(fields.Integer, allow_none=True)
    p_accept = required(fields.Float, allow_none=True)
    below_nothing = required(fields.Boolean, "worth less to us than offering nothing")
    may_approve = fields.List(fields.String(validate=validate.OneOf(ROLES_THAT_OFFER)), required=True)
    needs_approval = required(fields.Boolean, "the role that asks may not approve it alone")
    expires_on = required(fields.Date)
    twin = fields.Nested(Terms, required=True, allow_none=True)
    difference = fields.Nested(Sentences, required=True, allow_none=True)
    sentences = fields.Nested(OfferSentences, required=True)


class Refusal(Reply):
    """A candidate that was refused, and by which rules."""

    offer_id = required(fields.String)
    template = required(fields.String)
    rules = fields.List(fields.String(), required=True)
    missing_cents = required(fields.Integer, "how much more would have to be paid")
    may_approve = fields.List(fields.String(), required=True)
    sentences = fields.Nested(Sentences, required=True)


class Wish(Reply):
    """What became of the wish."""

    met = required(fields.Boolean)
    offer_id = required(fields.String, allow_none=True)
    missing = fields.Dict(fields.String(), fields.Integer(), required=True)
    below_nothing = required(fields.Boolean, allow_none=True)
    not_sold = fields.List(  # `unknown` is a name of marshmallow's
        fields.String(),
        required=True,
        data_key="unknown",
        metadata={"description": "asked for, not in the catalogue"},
    )


class Repair(Reply):
    """What comes before any sale."""

    fault = fields.String(required=True, allow_none=True, metadata={"description": "what to repair"})
    promise = fields.String(required=True, allow_none=True, metadata={"description": "what was promised and not kept"})


class VersionsUsed(Reply):
    """What decided."""

    model = required(fields.String, "version of the churn model, or none")
    rulebook = required(fields.String, "SHA-256 of the rulebook")
    engine = required(fields.String)


class Reason(Reply):
    """A feature that moves the chance of leaving away from the average customer's."""

    feature = required(fields.String)
    log_odds = required(fields.Float, "what it adds, or takes")
    value = fields.Raw(required=True, metadata={"type": ["number", "string", "null"], "description": "as on file"})


class Call(Reply):
    """Whether we may call the customer: the rules on calls of ours, at the moment the call begins."""

    allowed = required(fields.Boolean)
    rules = fields.List(fields.String(), required=True, metadata={"description": "those that refuse the call"})
    unchecked = fields.List(
        fields.String(), required=True, metadata={"description": "in force, and not told what they ask for"}
    )
    not_before = required(
        fields.String, "first lawful minute by the customer's clock; null: no waiting mends it", allow_none=True
    )
    time_zone = required(fields.String, "the zone of that clock", allow_none=True)


class Answer(Reply):
    """A decision, as it was recorded."""

    decision_id = required(fields.String)
    proposal_id = required(fields.String, "what lies on the table; null where nothing does", allow_none=True)
    digest = required(fields.String, "binds the contract and every word of the offers", allow_none=True)
    expires_on = required(fields.Date, "the last day of the proposal", allow_none=True)
    decided_at = required(fields.DateTime, "UTC")
    decided_on = required(fields.Date, "the operator's calendar")
    contract_id = required(fields.String)
    stance = required(fields.String, validate=validate.OneOf(STANCES))
    p_churn = required(fields.Float, "chance of leaving within the window", allow_none=True)
    p_churn_window_months = fields.Raw(
        required=True, metadata={"type": ["integer", "string", "null"], "description": "months, or unknown"}
    )
    p_churn_source = required(fields.String, "stored, model or assumed", allow_none=True)
    p_churn_reasons = fields.List(fields.Nested(Reason), required=True, metadata={"description": "strongest first"})
    offers = fields.List(fields.Nested(Offer), required=True)
    entitlements = fields.List(fields.Nested(Offer), required=True)
    wish = fields.Nested(Wish, required=True, allow_none=True)
    repair = fields.Nested(Repair, required=True, allow_none=True)
    call = fields.Nested(
        Call, required=True, allow_none=True, metadata={"description": "null where the customer comes to us"}
    )
    why_not = fields.List(fields.Nested(Refusal), required=True)
    sentences = fields.Nested(SentencesFor, required=True)
    duties = fields.List(
        fields.Nested(Duty), required=True, metadata={"description": "what the law wants said in this contact"}
    )
    leaving_now = fields.Nested(
        LeavingNow, required=True, allow_none=True, metadata={"description": "null where the file does not say"}
    )
    best_tariff = fields.Nested(BestTariff, required=True)
    degraded = fields.List(fields.String(), required=True, metadata={"description": "what had to be assumed"})
    assumptions = fields.List(fields.Dict(), required=True, metadata={"description": "what the file did not hold"})
    priors = fields.List(fields.String(), required=True, metadata={"description": "stated, not learned"})
    unverified_rules = fields.List(fields.String(), required=True)
    versions = fields.Nested(VersionsUsed, required=True)


class FlawDocument(Reply):
    """One fault of a request."""

    pointer = fields.String(required=True, metadata={"description": "JSON pointer into the body; empty: all of it"})
    code = fields.String(required=True, validate=validate.OneOf(list(CODES)))
    detail = fields.String(required=True)


class ProblemDocument(Reply):
    """A problem document (RFC 9457)."""

    type = fields.String(required=True, metadata={"description": "/problems/ and the code of the gravest fault"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True, metadata={"description": "the request, as in X-Request-Id"})
    errors = fields.List(fields.Nested(FlawDocument), required=True)


class Shown(Reply):
    """An offer that was shown to the customer."""

    proposal_id = required(fields.String)
    offer_id = required(fields.String)
    digest = required(fields.String)
    state = required(fields.String, validate=validate.OneOf(["shown"]))
    shown_at = required(fields.DateTime)
    read_back = required(fields.Boolean, "the read-back sentence was said to the customer")


class Promised(Reply):
    """Something that was promised, and until when."""

    promise_id = required(fields.String)
    kind = required(fields.String, "delivery, activation, first_check, second_check, refund, repair or callback")
    due_on = required(fields.Date)
    state = required(fields.String, validate=validate.OneOf(PROMISE_STATES))


class Acceptance(Reply):
    """What the customer accepted, and whether it binds yet."""

    acceptance_id = required(fields.String, "also the id of the order")
    contract_id = required(fields.String)
    proposal_id = required(fields.String)
    offer_id = required(fields.String)
    digest = required(fields.String)
    status = required(fields.String, "after an outbound call the customer is bound once it is confirmed")
    accepted_at = required(fields.DateTime)
    confirm_by = required(fields.DateTime, "last moment of a confirmation that is still needed", allow_none=True)
    withdraw_until = required(fields.DateTime, "until when the customer may withdraw what binds", allow_none=True)
    offer = fields.Nested(Offer, required=True)
    promises = fields.List(fields.Nested(Promised), required=True)
