"""Who may let an offer be accepted: the asker's own authority, or the approval of those who have more."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Row

from api.errors import Problem
from api.service import Desk
from engine.policy import ROLES_THAT_OFFER
from ledger import queries

Verdicts = Sequence[Row[Any]]


def verdicts_on(desk: Desk, offer: Row[Any]) -> Verdicts:
    """What was said on an offer by those who may approve it."""
    return queries.find_approvals(desk.connection, offer.proposal_id, offer.offer_id)


def highest_role(desk: Desk, verdicts: Verdicts) -> str:
    """The highest authority behind an offer: the asker's own, or that of somebody who approved it."""
    roles = [desk.holder.role, *(verdict.role for verdict in verdicts if verdict.verdict == "approved")]
    return max(roles, key=ROLES_THAT_OFFER.index)


def missing_approval(desk: Desk, offer: Row[Any], verdicts: Verdicts) -> Problem | None:
    """What is missing before this agent may write the acceptance of an offer; None when nothing is.

    Above the depth of four eyes two people stand behind an offer: the asker and one who approved it, whatever the role.
    """
    may_approve = orjson.loads(offer.terms)["may_approve"]
    if any(verdict.verdict == "refused" for verdict in verdicts):
        return Problem.of("needs-approval", "the approval of this offer was refused")
    approved = [verdict for verdict in verdicts if verdict.agent_id != desk.holder.agent_id]
    four_eyes = offer.place != "entitlement" and offer.depth_cents > desk.in_force.policy["four_eyes_depth_cents"]
    if approved or (desk.holder.role in may_approve and not four_eyes):
        return None
    return Problem.of("needs-approval", f"needs the approval of another person: {' or '.join(may_approve)}")
