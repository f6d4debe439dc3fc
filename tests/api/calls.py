"""The doors of a case as an agent uses them: ask, show, decline, accept."""

import datetime
import itertools
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.api.world import ASKED, Operator

_KEYS = itertools.count(1)


@dataclass(frozen=True)
class Call:
    """One agent's contact with one customer."""

    operator: Operator
    role: str = "agent"
    contract_id: str = "C-1"
    channel: str = "phone_in"

    def post(self, door: str, body: dict[str, Any], **headers: str) -> TestResponse:
        return self.operator.client.post(door, json=body, headers={**self.operator.headers(self.role), **headers})

    def get(self, address: str) -> TestResponse:
        return self.operator.client.get(address, headers=self.operator.headers(self.role))

    def signal(self, kind: str, **more: Any) -> dict[str, Any]:
        kept = self.post("/signal", {"contract_id": self.contract_id, "kind": kind, **more})
        assert kept.status_code == 201, kept.data
        return kept.get_json()

    def ask(self, **more: Any) -> dict[str, Any]:
        answer = self.post("/offer", {**ASKED, "contract_id": self.contract_id, "channel": self.channel, **more})
        assert answer.status_code == 200, answer.data
        return answer.get_json()

    def show(self, answer: dict[str, Any], place: int = 0, read_back: bool = True) -> TestResponse:
        return self.post("/shown", {**named(answer, place), "read_back": read_back})

    def decline(self, answer: dict[str, Any], reason: str = "other", place: int = 0, **more: Any) -> TestResponse:
        return self.post("/reaction", {**named(answer, place), "reason": reason, **more})

    def accept(self, answer: dict[str, Any], place: int = 0, key: str = "") -> TestResponse:
        return self.post("/accept", named(answer, place), **{"Idempotency-Key": key or f"key-{next(_KEYS)}"})


def later(operator: Operator, **passed: float) -> Operator:
    """The same operator when some time has passed."""
    moment = operator.service.clock() + datetime.timedelta(**passed)
    return operator.with_service(clock=lambda: moment)


def named(answer: dict[str, Any], place: int = 0) -> dict[str, Any]:
    """The offer at one place of an answer, as the doors want it named."""
    return {
        "proposal_id": answer["proposal_id"],
        "offer_id": answer["offers"][place]["offer_id"],
        "digest": answer["digest"],
    }


def problem(response: TestResponse) -> tuple[int, str]:
    """The status of a refusal and its code."""
    return response.status_code, response.get_json(force=True)["type"].removeprefix("/problems/")
