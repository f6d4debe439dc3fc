"""The last look before an acceptance: recorded terms against the limits, facts, authority and stock of this moment."""

from typing import Any

import orjson
from sqlalchemy import Row

from api.deciding import check_terms, question_of, score_question
from api.errors import Problem
from api.service import Desk


def no_longer_allowed(desk: Desk, offer: Row[Any], role: str) -> Problem | None:
    """The hard limits that accepting an offer now would break under the authority of a role; None: none."""
    assert desk.case.interaction is not None
    contact = {"channel": desk.case.interaction.channel, "reason_for_contact": "information"}
    snapshot = {**question_of(desk, contact), "role": role}
    at_hand = score_question(desk, snapshot)
    terms = orjson.loads(offer.terms)
    limits = check_terms(desk, at_hand, terms).checked.limits(0)
    return Problem.of("no-longer-allowed", f"refused by {', '.join(limits)}") if limits else None
