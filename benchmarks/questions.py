"""What is asked: the same requests of both servers, every other one with a wish."""

import itertools
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Row

WISHES: tuple[dict[str, Any], ...] = (
    {"device": "galaxy-a17", "max_commitment_months": 12},
    {"device": "pixel-9a", "max_upfront_cents": 19_990},
    {"max_monthly_cents": 1_200},
    {"needs": ["data_20gb"], "max_commitment_months": 24},
)
DEFAULTS: dict[str, Any] = {
    "device": "",
    "max_commitment_months": -1,
    "max_monthly_cents": -1,
    "max_upfront_cents": -1,
    "needs": [],
}
CONTACT = {"channel": "phone_in", "reason_for_contact": "asks_for_offer"}


def bodies(on_file: Sequence[Row[Any]], count: int) -> list[dict[str, Any]]:
    """`count` requests spread over the contracts on file; the even ones state no wish, not even the one on file."""
    step = max(1, len(on_file) // count)
    wishes = itertools.cycle(WISHES)
    spread = itertools.islice(itertools.cycle(on_file[::step]), count)
    return [
        {"contract_id": row.contract_id, **CONTACT, "wants": next(wishes) if place % 2 else {}}
        for place, row in enumerate(spread)
    ]


def facts_of(row: Row[Any], body: dict[str, Any]) -> dict[str, Any]:
    """The facts on file with the wish and the contact of a request, asked by an agent."""
    wants = {f"wants_{name}": body["wants"].get(name, default) for name, default in DEFAULTS.items()}
    return {**orjson.loads(row.facts), **wants, **CONTACT, "role": "agent"}
