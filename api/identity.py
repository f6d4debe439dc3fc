"""Who asks: the key in the Authorization header, and whether its role may."""

from collections.abc import Collection

from flask import Request
from sqlalchemy import Engine

from api.errors import Problem
from ledger.keys import KeyHolder, authenticate
from ledger.store import reading

SCHEME = "bearer"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="counteroffer"'}


def require_role(request: Request, store: Engine, roles: Collection[str]) -> KeyHolder:
    """Who asks. Raises Problem 401, always the same, without a valid key, and 403 for a role not among `roles`."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    with reading(store) as connection:
        holder = authenticate(connection, key.strip()) if scheme.lower() == SCHEME else None
    if holder is None:
        raise unauthenticated()
    if holder.role not in roles:
        raise Problem.of("not-allowed", f"expected a key with one of the roles {', '.join(sorted(roles))}")
    return holder


def unauthenticated() -> Problem:
    """The problem of who has no valid key, or no longer."""
    return Problem.of("unauthenticated", "expected Authorization: Bearer and a valid key", _CHALLENGE)
