"""POST /offer in plain Flask."""

import json
import os
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request

from benchmarks.plain import store
from benchmarks.plain.book import Book
from benchmarks.plain.decide import Decision, Verdict, decide
from benchmarks.plain.model import Model, load

WANTS = {"device": "", "max_commitment_months": -1, "max_monthly_cents": -1, "max_upfront_cents": -1, "needs": []}


@dataclass
class Parts:
    """What an answer needs; a connection a thread."""

    database: Path
    book: Book
    model: Model
    local: threading.local

    def connection(self) -> Any:
        """This thread's connection."""
        if not hasattr(self.local, "connection"):
            self.local.connection = store.connect(self.database)
        return self.local.connection


def create_app() -> Flask:
    """The application of one worker; PLAIN_HOME holds plain.db and plain.joblib, PLAIN_RULEBOOK the rulebook."""
    home, rulebook = Path(os.environ["PLAIN_HOME"]), Path(os.environ["PLAIN_RULEBOOK"])
    parts = Parts(home / "plain.db", Book(rulebook, date.today()), load(home / "plain.joblib"), threading.local())
    app = Flask(__name__, static_folder=None)

    @app.get("/ready")
    def ready() -> Response:
        return jsonify(status="ready")

    @app.post("/offer")
    def offer() -> tuple[Response, int]:
        connection = parts.connection()
        agent = store.find_agent(connection, request.headers.get("Authorization", "").removeprefix("Bearer "))
        if agent is None:
            return jsonify(error="no valid key"), 401
        asked = request.get_json()
        on_file = store.find_contract(connection, asked["contract_id"])
        if on_file is None:
            return jsonify(error="no such contract"), 404
        return jsonify(answer(parts, asked, on_file, agent)), 200

    return app


def answer(parts: Parts, asked: dict[str, Any], on_file: Any, agent: tuple[str, str]) -> dict[str, Any]:
    """The answer to a request, on record when this returns."""
    facts, features = on_file
    if "wants" in asked:
        facts.update({f"wants_{name}": asked["wants"].get(name, default) for name, default in WANTS.items()})
    reason = asked.get("reason_for_contact", "information")
    facts.update(channel=asked["channel"], reason_for_contact=reason, role=agent[1])
    p_churn = -1 if facts["objects_to_profiling"] else parts.model.p_churn_micro([features])[0]
    known = p_churn if p_churn >= 0 else parts.book.micro("p_churn_when_unknown")
    decision = decide(parts.book, facts, known, parts.model.window_months)
    said = {
        "decision_id": secrets.token_hex(16),
        "decided_at": datetime.now(UTC).isoformat(),
        "contract_id": asked["contract_id"],
        "p_churn": p_churn / 1_000_000 if p_churn >= 0 else None,
        **describe(decision),
    }
    verdicts = [one.refused for one in decision.verdicts]
    record = json.dumps({"facts": facts, "features": features, "p_churn": p_churn, "verdicts": verdicts})
    row = (said["decision_id"], said["contract_id"], agent[0], said["decided_at"], record, json.dumps(said))
    store.save_decision(parts.connection(), row)
    return said


def describe(decision: Decision) -> dict[str, Any]:
    """What lies on the table, JSON-ready."""
    return {
        "stance": decision.stance,
        "offers": [terms(one) for one in decision.offers],
        "entitlements": [terms(one) for one in decision.entitlements],
    }


def terms(one: Verdict) -> dict[str, Any]:
    """One offer, JSON-ready."""
    offer = one.offer
    return {
        "offer_id": offer.offer_id,
        "kind": offer.kind,
        "device": offer.device or None,
        "commitment_months": offer.months,
        "top_up_cents": offer.top_up,
        "discount_cents": offer.discount,
        "discount_months": offer.discount_months if offer.discount else 0,
        "extras": offer.extras,
        "p_accept": one.p_accept / 1_000_000,
        "worth_to_customer_cents_a_month": one.surplus // 1_000_000,
    }
