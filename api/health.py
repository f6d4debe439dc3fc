"""GET /live and GET /ready: is the process up, and can it decide."""

from typing import Any

import orjson
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields

from api.docs import described
from api.errors import unavailable
from api.examples import READY
from api.replies import Reply
from api.service import Service
from engine.errors import Faults
from ledger.store import StoreUnavailable
from models import NO_RELEASE


class Live(Reply):
    """The process is up."""

    status = fields.Constant("live", required=True)


class Ready(Reply):
    """Everything an answer needs is there."""

    status = fields.Constant("ready", required=True)
    release = fields.String(required=True, metadata={"description": "version of the churn model, or none"})
    refused = fields.String(
        required=True, allow_none=True, metadata={"description": "why the release that is set does not serve"}
    )
    rulebook = fields.String(required=True, metadata={"description": "SHA-256 of the rulebook"})


def health_blueprint(service: Service) -> Blueprint:
    """The resources /live and /ready over one service."""
    blueprint = Blueprint("health", __name__, description="Liveness and readiness")

    @blueprint.route("/live")
    class LiveResource(MethodView):
        @described(blueprint, Live, {"status": "live"}, (400, 406, 500))
        def get(self) -> Response:
            """Whether the process is up"""
            return _json({"status": "live"})

    @blueprint.route("/ready")
    class ReadyResource(MethodView):
        @described(blueprint, Ready, READY, (400, 406, 500, 503))
        def get(self) -> Response:
            """Whether store, rulebook and release are there"""
            return _json({"status": "ready", **_parts(service)})

    return blueprint


def _parts(service: Service) -> dict[str, str | None]:
    release, refused = service.releases.current(), service.releases.refused_because
    missing, digest = [], ""
    try:
        rulebook = service.rulebook
        digest = rulebook.digest
        rulebook.as_of(service.now().date())
    except StoreUnavailable:
        missing.append("the database does not answer")
    except Faults:
        missing.append("no rulebook is in force" if not digest else "the rulebook has no value for a number today")
    if release is None and service.releases.wanted:
        missing.append(f"the release that is set is refused: {refused}" if refused else "no release is set")
    if missing:
        raise unavailable("; ".join(missing))
    version = NO_RELEASE if release is None else release.version
    return {"release": version, "refused": refused, "rulebook": digest}


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), mimetype="application/json")
