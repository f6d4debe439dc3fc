"""Examples for the description of the API; a test holds them against its schemas."""

from typing import Any

REQUESTS = {
    "call": {
        "summary": "A call about the end of the commitment",
        "value": {"contract_id": "C-1001", "channel": "phone_out"},
    },
    "wish": {
        "summary": "A customer who wants to leave, and says what would keep them",
        "value": {
            "contract_id": "C-1001",
            "channel": "phone_in",
            "reason_for_contact": "wants_to_leave",
            "wants": {"device": "galaxy-a17", "max_commitment_months": 12, "max_upfront_cents": 3000},
        },
    },
}

READY = {"status": "ready", "release": "churn-0f3a9c2b1d7e", "rulebook": "5f0c" * 16}

ANSWER: dict[str, Any] = {}
