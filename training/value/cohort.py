"""The contracts a value report speaks of: what was first decided on each in a period, and how it ended.

Everything that puts a contract in a group is of its first decision in the period, before any offer could change it.
What happened later counts for the side it was drawn to (intention to treat).
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import orjson
from sqlalchemy import Connection, Row

from engine.dates import add_months, day, whole_months_since
from engine.fields import OUTBOUND_CHANNELS
from ledger.followed import Around, around
from ledger.promised import Period
from training.value.contract import GONE, LEFT, RUNNING, STAYED, UNTOLD, Followed
from training.value.undrawn import RulebookOf, best_templates, template_in
from training.value.worth import Accepted, accepted_of, payer_of, prospects_of


@dataclass
class Cohort:
    """The contracts of a period; `gone` counts those whose record was erased or purged, `rulebooks` who decided."""

    period: Period
    followed: list[Followed] = field(default_factory=list)
    gone: int = 0
    rulebooks: set[str] = field(default_factory=set)

    def count(self, ending: str) -> int:
        """How many ended one way."""
        return sum(one.ending == ending for one in self.followed)


def gather(connection: Connection, page: Sequence[Row[Any]], cohort: Cohort, rulebook_of: RulebookOf) -> None:
    """Add a page of first decisions to a cohort."""
    rows = [row for row in page if row.record is not None]
    told = around(connection, [row.subject_id for row in rows])
    best, back = best_templates(rows, rulebook_of), Lookback(cohort.period.today, rulebook_of)
    found = [follow(row, told[row.subject_id], best[row.decision_id], back) for row in rows]
    cohort.followed += [one for one in found if one is not None]
    cohort.gone += len(page) - len(rows) + found.count(None)
    cohort.rulebooks |= {row.rulebook_digest for row in rows}


@dataclass(frozen=True)
class Lookback:
    """The day on which contracts are looked back on, and where the rulebooks are that decided on them."""

    today: datetime.date
    rulebook_of: RulebookOf


def follow(row: Row[Any], told: Around, best: str, back: Lookback) -> Followed | None:
    """One contract, from its first decision and what is told around it; None where a record it needs is gone."""
    record = orjson.loads(row.record)
    decided_on = datetime.date.fromisoformat(row.decided_on)
    in_force = back.rulebook_of(row.rulebook_digest).as_of(decided_on)
    case, policy, payer = record["case"], in_force.policy, payer_of(record, in_force.policy)
    ends = window_end(decided_on, payer.window_months)
    within = Within(row.decided_at, ends.isoformat())
    accepted = [one for one in told.acceptances if within.holds(one.accepted_at)]
    if any(one.record is None for one in accepted):
        return None
    p_churn = record["scores"]["p_churn_micro"]
    proposals = [one for one in told.proposals if within.holds(one.made_at)]
    return Followed(
        decision_id=row.decision_id,
        subject_id=row.subject_id,
        account=case["customer_id"] or row.subject_id,
        arm=row.arm,
        control_share_micro=policy.micro("control_share"),
        channel=case["channel"],
        agent_id=row.agent_id,
        decided_at=row.decided_at,
        decided_on=decided_on,
        window_ends=ends,
        tenure_months=tenure_of(case, decided_on),
        price_cents=payer.price_cents,
        offered_first=template_in(orjson.loads(row.answer)),
        best=best,
        fault_on_file=bool(case.get("open_fault")),
        p_churn_micro=p_churn if p_churn >= 0 else policy.micro("p_churn_when_unknown"),
        prospects=prospects_of(payer, in_force),
        offered=bool(proposals),
        calls=sum(_is_call(one) and within.holds(one.at) for one in told.events),
        call_cents=policy["contact_cost_cents"],
        accepted=tuple(_accepted(one, payer.window_months, back.rulebook_of) for one in accepted),
        ending=ending_of(told.outcomes, decided_on, ends, back.today),
        around=told,
    )


@dataclass(frozen=True)
class Within:
    """From the moment of a decision to the day on which its window ends, that day not included."""

    since: str
    until: str

    def holds(self, moment: str) -> bool:
        """Whether a moment, as the store writes it, lies within."""
        return self.since <= moment < self.until


def window_end(decided_on: datetime.date, window_months: int) -> datetime.date:
    """The day on which the window of a decision is over."""
    end: datetime.date = add_months(day(decided_on), window_months).astype(datetime.date)
    return end


def ending_of(
    outcomes: Sequence[Row[Any]], decided_on: datetime.date, ends: datetime.date, today: datetime.date
) -> str:
    """How the window of a decision ended. Nobody is known before it is over: who leaves is told of sooner."""
    if today < ends:
        return RUNNING
    first, last = decided_on.isoformat(), ends.isoformat()
    if any(one.kind in GONE and first <= one.happened_on < last for one in outcomes):
        return LEFT
    return STAYED if any(last <= one.happened_on <= today.isoformat() for one in outcomes) else UNTOLD


def tenure_of(case: dict[str, Any], today: datetime.date) -> int | None:
    """Full months since the customer came; None where that is not on file."""
    since = case.get("customer_since")
    return None if since is None else int(whole_months_since(np.array([since], "datetime64[D]"), day(today))[0])


def _is_call(event: Row[Any]) -> bool:
    return event.kind == "contact_opened" and orjson.loads(event.details)["channel"] in OUTBOUND_CHANNELS


def _accepted(row: Row[Any], window_months: int, rulebook_of: RulebookOf) -> Accepted:
    """An acceptance under the rulebook and the prices of the decision that offered it, over the window of the first."""
    in_force = rulebook_of(row.rulebook_digest).as_of(datetime.date.fromisoformat(row.decided_on))
    own = payer_of(orjson.loads(row.record), in_force.policy)
    return accepted_of(replace(own, window_months=window_months), orjson.loads(row.terms), in_force)
