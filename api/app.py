"""The application: what is served, who answers for errors, and what every answer carries."""

import re
from collections.abc import Sequence

from flask import Flask, Response, current_app, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException

from api.accept import accept_blueprint
from api.alarm import alarm_blueprint
from api.approval import approval_blueprint
from api.bodies import MAX_BYTES
from api.case import case_blueprint
from api.check import check_blueprint
from api.confirm import confirm_blueprint
from api.contest import contest_blueprint
from api.contests import contests_blueprint
from api.docs import DOCS_BLUEPRINT, describe, docs_blueprint
from api.errors import Problem, problem_of_http, problem_response, unavailable
from api.health import health_blueprint
from api.offer import offer_blueprint
from api.order_echo import order_echo_blueprint
from api.outcome import outcome_blueprint
from api.promises import promises_blueprint
from api.reaction import reaction_blueprint
from api.sending import request_id
from api.service import Service
from api.shown import shown_blueprint
from api.signal import signal_blueprint
from api.what_if import what_if_blueprint
from api.why import why_blueprint
from api.why_not import why_not_blueprint
from api.withdraw import withdraw_blueprint
from api.worklist import worklist_blueprint
from engine import VERSION
from engine.errors import Faults
from ledger.store import StoreUnavailable

_HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def create_app(service: Service, hosts: Sequence[str]) -> Flask:
    """The application over one service, for requests that name one of `hosts`."""
    known = frozenset(host.lower() for host in hosts)
    app = Flask(__name__, static_folder=None)
    # One byte beyond the limit shows that a body without a stated length, which is cut there, is too long.
    app.config.update(MAX_CONTENT_LENGTH=MAX_BYTES + 1, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.url_map.merge_slashes = app.url_map.strict_slashes = False  # a redirect would be an HTML page
    app.before_request(lambda: _check_host(known))
    app.before_request(_check_accept)
    app.after_request(_dress)
    app.register_error_handler(Problem, _send)
    app.register_error_handler(HTTPException, lambda error: _send(problem_of_http(error)))
    app.register_error_handler(ParseException, lambda _: _send(Problem.of("malformed-body", "the chunks are broken")))
    app.register_error_handler(StoreUnavailable, _store_unavailable)
    app.register_error_handler(Faults, _rulebook_unavailable)
    api = describe(app, VERSION)
    for blueprint in (
        offer_blueprint,
        shown_blueprint,
        reaction_blueprint,
        accept_blueprint,
        approval_blueprint,
        check_blueprint,
        what_if_blueprint,
        confirm_blueprint,
        withdraw_blueprint,
        order_echo_blueprint,
        signal_blueprint,
        promises_blueprint,
        alarm_blueprint,
        outcome_blueprint,
        case_blueprint,
        why_blueprint,
        why_not_blueprint,
        contest_blueprint,
        contests_blueprint,
        worklist_blueprint,
        health_blueprint,
    ):
        api.register_blueprint(blueprint(service))
    app.register_blueprint(docs_blueprint())
    return app


def _check_host(hosts: frozenset[str]) -> None:
    host = _HOST.fullmatch(request.headers.get("Host", ""))
    if host is None or host.group(1).lower() not in hosts:
        raise Problem.of("bad-host", "the Host header names no host of this service")


def _check_accept() -> None:
    if request.headers.get("Accept", "*/*") in ("*/*", "application/json") or request.blueprint == DOCS_BLUEPRINT:
        return
    if not request.accept_mimetypes["application/json"]:
        raise Problem.of("not-acceptable", "expected Accept to allow application/json")


def _dress(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = request_id()
    return response


def _send(problem: Problem) -> Response:
    return problem_response(problem, request_id())


def _store_unavailable(error: StoreUnavailable) -> Response:
    _log(error)
    return _send(unavailable("the database does not answer"))


def _rulebook_unavailable(error: Faults) -> Response:
    _log(error)
    return _send(unavailable("the rulebook has no value for a number today"))


def _log(error: Exception) -> None:
    current_app.logger.error("request %s: %s", request_id(), error)
