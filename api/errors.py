"""Every answer that is not a success: RFC 9457 problem documents with stable types, all flaws at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response
from werkzeug.exceptions import ClientDisconnected, HTTPException, MethodNotAllowed

PROBLEM_JSON = "application/problem+json"
SHOWN_CHARACTERS = 64
RETRY_AFTER_SECONDS = 1

CODES: dict[str, tuple[int, str]] = {
    "malformed-request": (400, "The request is not valid HTTP"),
    "malformed-body": (400, "The body is not JSON in UTF-8"),
    "duplicate-key": (400, "A name stands twice in one object"),
    "non-finite-number": (400, "A number is not finite"),
    "too-deep": (400, "The body is nested too deeply"),
    "key-missing": (400, "The Idempotency-Key is missing"),
    "bad-host": (400, "This host is not served here"),
    "unauthenticated": (401, "No valid key"),
    "needs-approval": (403, "Somebody else must approve this offer"),
    "not-allowed": (403, "The role of this key may not do this"),
    "not-found": (404, "Nothing is here"),
    "method-not-allowed": (405, "This method is not offered here"),
    "not-acceptable": (406, "Only application/json is offered"),
    "in-progress": (409, "This is being answered"),
    "already-accepted": (409, "An offer of this proposal has been accepted"),
    "already-approved": (409, "You have given your verdict"),
    "not-accepted": (409, "No offer of this proposal has been accepted"),
    "withdrawal-over": (409, "The time to withdraw has passed"),
    "already-recorded": (409, "This is on record otherwise"),
    "not-shown": (409, "The offer was not shown to the customer"),
    "not-read-back": (409, "The offer was not read back to the customer"),
    "withdrawn": (409, "The offer is no longer on the table"),
    "no-longer-allowed": (409, "The offer is no longer within the limits"),
    "sold-out": (409, "The device is sold out"),
    "erased": (410, "The customer was erased"),
    "purged": (410, "The record was kept for its time"),
    "offer-expired": (410, "The offer has expired"),
    "not-the-same-offer": (412, "This is not the offer on the table"),
    "too-large": (413, "The body is too large"),
    "uri-too-long": (414, "The address is too long"),
    "unsupported-encoding": (415, "The body is encoded"),
    "unsupported-media-type": (415, "The body is not application/json"),
    "expectation-failed": (417, "This expectation cannot be met"),
    "not-an-object": (422, "The body is not an object"),
    "missing-field": (422, "A required field is missing"),
    "unknown-field": (422, "A field is not known"),
    "wrong-type": (422, "A value has the wrong type"),
    "out-of-range": (422, "A number is out of range"),
    "invalid-string": (422, "A text is not allowed here"),
    "invalid-time": (422, "A day or time is not allowed here"),
    "too-many": (422, "There are too many values"),
    "unknown-device": (422, "The device is not in the rulebook"),
    "unknown-need": (422, "A need is not in the rulebook"),
    "idempotency-mismatch": (422, "The Idempotency-Key belongs to another request"),
    "headers-too-large": (431, "The headers are too large"),
    "internal": (500, "A fault of ours"),
    "not-implemented": (501, "This transfer coding is not offered"),
    "dependency-unavailable": (503, "Something this service needs does not answer"),
}
"""Every code with its status and title; the `type` of a problem is `/problems/` and its code."""

_CODE_OF_STATUS = {
    400: "malformed-request",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    414: "uri-too-long",
    415: "unsupported-media-type",
    417: "expectation-failed",
    431: "headers-too-large",
    503: "dependency-unavailable",
}


@dataclass(frozen=True)
class Flaw:
    """One thing wrong with a request: where in the body (a JSON pointer), which code, and what was expected."""

    pointer: str
    code: str
    detail: str


class Problem(Exception):
    """A request that is answered with a problem document. The gravest flaw, by lowest status, names its type."""

    def __init__(self, flaws: Iterable[Flaw], headers: Mapping[str, str] | None = None) -> None:
        self.flaws = sorted(flaws, key=lambda flaw: CODES[flaw.code][0])
        self.headers = dict(headers or {})
        super().__init__(self.flaws[0].code)

    @classmethod
    def of(cls, code: str, detail: str, headers: Mapping[str, str] | None = None) -> "Problem":
        """A problem with the whole request."""
        return cls([Flaw("", code, detail)], headers)


def problem_document(problem: Problem, request_id: str) -> tuple[int, bytes]:
    """The status and the body of a problem."""
    first = problem.flaws[0]
    status, title = CODES[first.code]
    document = {
        "type": f"/problems/{first.code}",
        "title": title,
        "status": status,
        "detail": first.detail if len(problem.flaws) == 1 else f"{len(problem.flaws)} faults, listed under errors",
        "instance": f"urn:uuid:{request_id}",
        "errors": problem.flaws,
    }
    return status, orjson.dumps(document)


def problem_response(problem: Problem, request_id: str) -> Response:
    """A problem as it is sent."""
    status, body = problem_document(problem, request_id)
    return Response(body, status, problem.headers, mimetype=PROBLEM_JSON)


def problem_of_http(error: HTTPException) -> Problem:
    """The problem behind an exception of the HTTP library; whatever it does not name is a fault of ours."""
    if isinstance(error, ClientDisconnected):
        return Problem.of("malformed-body", "the body ended before its Content-Length")
    headers = {"Allow": ", ".join(sorted(error.valid_methods or ()))} if isinstance(error, MethodNotAllowed) else None
    code = _CODE_OF_STATUS.get(error.code or 500, "internal")
    return Problem.of(code, CODES[code][1], headers)


def unavailable(what: str) -> Problem:
    """The problem of something that may work again soon."""
    return Problem.of("dependency-unavailable", what, {"Retry-After": str(RETRY_AFTER_SECONDS)})


def shown(value: Any) -> str:
    """A value from a request as it may be repeated: at most 64 characters, none that cannot be sent."""
    text = str(value).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def pointer_to(parent: str, name: str | int) -> str:
    """The JSON pointer of a member (RFC 6901), its name shortened as `shown`."""
    return f"{parent}/{shown(name).replace('~', '~0').replace('/', '~1')}"
