"""Contracts as a report follows them, made without a ledger."""

import datetime
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from ledger.followed import Around
from training.value.contract import Followed
from training.value.worth import Prospects

DAY = datetime.date(2024, 3, 4)
PLAIN = Followed(
    decision_id="d",
    subject_id="s",
    account="a",
    arm="best",
    control_share_micro=200_000,
    channel="phone_in",
    agent_id="agent-1",
    decided_at="2024-03-04T10:00:00.000000Z",
    decided_on=DAY,
    window_ends=datetime.date(2024, 9, 4),
    tenure_months=30,
    price_cents=2_490,
    offered_first="discount-extras",
    best="discount-extras",
    fault_on_file=False,
    p_churn_micro=150_000,
    prospects=Prospects(leaves=4_000, refuses=40_000, untouched=44_000),
    offered=True,
    calls=0,
    call_cents=450,
    accepted=(),
    ending="stayed",
    around=Around(),
)


def followed(number: int, **changes: Any) -> Followed:
    """One contract of its own account, like the plain one but for what is stated."""
    own = {"decision_id": f"d{number}", "subject_id": f"s{number}", "account": f"a{number}"}
    return replace(PLAIN, **{**own, **changes})


def happened(kind: str, day: str, channel: str = "phone_in") -> Any:
    """An event of the journal."""
    return SimpleNamespace(kind=kind, at=f"{day}T09:00:00.000000Z", details=json.dumps({"channel": channel}))


def promised(due_on: str, state: str, settled_on: str | None = None) -> Any:
    """A promise as it stands."""
    return SimpleNamespace(due_on=due_on, state=state, settled_on=settled_on)


def complained(answer_by: str, closed_at: str | None) -> Any:
    """A public complaint."""
    return SimpleNamespace(answer_by=f"{answer_by}T12:00:00.000000Z", closed_at=closed_at)


def ended(kind: str, day: str) -> Any:
    """An outcome on record."""
    return SimpleNamespace(kind=kind, happened_on=day)
