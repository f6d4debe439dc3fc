"""Clients of the real server: an agent's desk that keeps a key for each acceptance and asks until it has an answer."""

import http.client
import itertools
import json
import random
import time
from dataclasses import dataclass, field
from typing import Any

PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.5
PATIENCE_SECONDS = 60.0
TIMEOUT_SECONDS = 10.0
IDLE_SECONDS = 1.0
NOT_FINAL = ("/problems/in-progress", "/problems/dependency-unavailable")


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    body: bytes
    content_type: str
    replayed: bool

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The code of a problem; empty for a success."""
        return str(self.json["type"]).removeprefix("/problems/") if self.status >= 400 else ""


class Line:
    """One connection that is kept; one that broke, or was idle for long, is made anew for the next request."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._used = 0.0

    def post(self, door: str, body: Any, key: str = "") -> Reply:
        """One request. Raises OSError or HTTPException where no whole answer came: nobody knows what was done."""
        if time.monotonic() - self._used > IDLE_SECONDS:
            self._connection.close()  # the server may be closing it at this very moment
        self._used = time.monotonic()
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        try:
            self._connection.request("POST", door, json.dumps(body), headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        replayed = answer.headers.get("Idempotency-Replayed") == "true"
        return Reply(answer.status, content, answer.headers.get("Content-Type", ""), replayed)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


@dataclass
class Desk:
    """An agent who asks again, with the same key, until an answer is final; `answers` are all that it had."""

    line: Line
    tries: int = 0
    unknown: int = 0
    answers: list[tuple[str, Reply]] = field(default_factory=list)

    def ask(self, door: str, body: Any, key: str = "") -> Reply:
        """The final answer to a request."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        for attempt in itertools.count():
            self.tries += 1
            try:
                reply = self.line.post(door, body, key)
            except (OSError, http.client.HTTPException):
                self.unknown += 1
            else:
                self.answers.append((door, reply))
                if not (reply.status in (409, 503) and reply.json["type"] in NOT_FINAL):
                    return reply
            assert time.monotonic() < give_up, f"no final answer to {door}"
            time.sleep(random.uniform(0.5, 1) * min(PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS))
        raise AssertionError

    def offer_shown(self, contract_id: str, **more: Any) -> dict[str, Any]:
        """An offer on the table of a contract that was shown, as /accept wants it named; more: a wish."""
        answer = self.ask("/offer", {"contract_id": contract_id, "channel": "phone_in", **more})
        assert answer.status == 200, answer.body
        made = answer.json
        assert made["offers"], f"nothing is offered: {made['stance']}, {made.get('why_not')}"
        named = {
            "proposal_id": made["proposal_id"],
            "offer_id": made["offers"][0]["offer_id"],
            "digest": made["digest"],
        }
        shown = self.ask("/shown", {**named, "read_back": True})
        assert shown.status == 200, shown.body
        return named
