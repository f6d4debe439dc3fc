"""What can be put right today: the contracts with an open fault or an unkept promise, by what is at risk."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row

from engine.tables import MICRO
from ledger.heard import heard_since
from training.value.contract import GONE, Followed


@dataclass(frozen=True)
class ToActOn:
    """A contract with something to put right today, and what its leaving may cost, in cents net of VAT."""

    decision_id: str
    subject_id: str
    open_fault: bool
    unkept_promises: int
    days_late: int
    margin_at_risk_cents: int


def to_act_on(followed: Sequence[Followed], today: datetime.date) -> list[ToActOn]:
    """The contracts that have an open fault or an unkept promise today, the most margin at risk first.

    Margin at risk: the chance of leaving times what leaving costs, as last decided on in the period.
    """
    found = [_acting(one, today) for one in followed if not _has_left(one)]
    listed = [one for one in found if one is not None]
    return sorted(listed, key=lambda one: (-one.margin_at_risk_cents, one.decision_id))


def _acting(one: Followed, today: datetime.date) -> ToActOn | None:
    if not one.around.on_file:
        return None
    late = [each for each in one.around.promises if each.state == "broken" or _is_late(each, today)]
    days = max(((today - datetime.date.fromisoformat(each.due_on)).days for each in late), default=0)
    fault = has_open_fault(one.around.on_file[0])
    if not (fault or late):
        return None
    at_risk = round(one.p_churn_micro * one.prospects.at_stake / MICRO)
    return ToActOn(one.decision_id, one.subject_id, fault, len(late), max(days, 0), at_risk)


def _is_late(promise: Row[Any], today: datetime.date) -> bool:
    return bool(promise.state == "open" and promise.due_on < today.isoformat())


def has_open_fault(on_file: Row[Any]) -> bool:
    """Whether something does not work today, by the file and by what was heard since."""
    facts = orjson.loads(on_file.facts)
    return bool({**facts, **heard_since(on_file, facts)}.get("open_fault"))


def _has_left(one: Followed) -> bool:
    return any(each.kind in GONE for each in one.around.outcomes)
