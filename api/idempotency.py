"""The Idempotency-Key of a request: the same key with the same body gets the same bytes again."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request, Response
from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError

from api.errors import PROBLEM_JSON, RETRY_AFTER_SECONDS, Problem, problem_document
from api.sending import request_id
from api.service import Desk, Service
from ledger import queries, writer
from ledger.journal import canonical
from ledger.keys import KeyHolder
from ledger.store import StoreBusy, claim, reading

HEADER = "Idempotency-Key"
REPLAYED = {"Idempotency-Replayed": "true"}
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
Reply = Row[Any]


@dataclass(frozen=True)
class Attempt:
    """One request with its key: who sent it, to which route, and the fingerprint of its body."""

    agent_id: str
    route: str
    key: str
    fingerprint: str

    @classmethod
    def of(cls, request: Request, holder: KeyHolder, asked: Mapping[str, Any]) -> "Attempt":
        """The attempt that a request is. Raises Problem 400 without a key."""
        key = request.headers.get(HEADER, "")
        if not _KEY.fullmatch(key):
            raise Problem.of("key-missing", f"expected {HEADER}: 1 to 255 visible ASCII characters, new for each order")
        return cls(holder.agent_id, request.path, key, hashlib.sha256(canonical(asked)).hexdigest())

    def once(self, service: Service, act: Callable[[], tuple[int, bytes]]) -> Response:
        """Act unless it was done before; the reply is written in the transaction of the act, or not at all."""
        if (reply := self._find(service)) is not None:
            return reply
        try:
            return respond(*act())
        except IntegrityError:
            # Another request with this key was faster: its reply is there.
            if (reply := self._find(service)) is not None:
                return reply
            raise
        except StoreBusy:
            if not self._is_being_answered(service):
                raise
            retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            raise Problem.of("in-progress", "a request with this key is being answered", retry) from None

    def keep(self, desk: Desk, act: Callable[[], Mapping[str, Any] | Problem], status: int = 201) -> tuple[int, bytes]:
        """Act, and write the reply to this attempt beside it; its status and body."""
        claim(desk.connection, self._name)
        found = act()
        if isinstance(found, Problem):
            status, body = problem_document(found, request_id())
        else:
            body = canonical(found)
        row = {"subject_id": desk.case.subject_id, "status": status, "body": body, "given_at": desk.now}
        writer.save_reply(desk.connection, {**vars(self), **row})
        return status, body

    @property
    def _name(self) -> str:
        return f"{self.agent_id} {self.route} {self.key}"

    def _is_being_answered(self, service: Service) -> bool:
        with reading(service.store) as connection:
            return not claim(connection, self._name)

    def _find(self, service: Service) -> Response | None:
        with reading(service.store) as connection:
            return self._again(queries.find_reply(connection, self.agent_id, self.route, self.key))

    def _again(self, reply: Reply | None) -> Response | None:
        if reply is None:
            return None
        if reply.fingerprint != self.fingerprint:
            raise Problem.of("idempotency-mismatch", f"this {HEADER} came with another body before: use a new one")
        response = respond(reply.status, bytes(reply.body))
        response.headers.update(REPLAYED)
        return response


def respond(status: int, body: bytes) -> Response:
    """A reply as it is sent, the first time and every other."""
    return Response(body, status, mimetype="application/json" if status < 400 else PROBLEM_JSON)
