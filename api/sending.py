"""How what a door has worked out is sent: as JSON, or as the problem that stands on record."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response, g

from api.errors import Problem
from ledger.journal import canonical


def send(found: Mapping[str, Any] | bytes | Problem, status: int = 200) -> Response:
    """The response for what was found. Raises the Problem, now that what it wrote is durable."""
    if isinstance(found, Problem):
        raise found
    return Response(found if isinstance(found, bytes) else canonical(found), status, mimetype="application/json")


def request_id() -> str:
    """The id of the request being answered, in its header and in the problem it may be answered with."""
    if "request_id" not in g:
        g.request_id = str(uuid.uuid4())
    return str(g.request_id)
