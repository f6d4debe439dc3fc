"""Recorded decisions, taken again under another rulebook: who would get what else, and what it would be worth."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from engine.offers import At, cell
from engine.tables import MICRO
from ledger.records import outcome_digest
from ledger.retaken import Retaken

TENURE_BANDS = (("0-11", 0), ("12-23", 12), ("24-59", 24), ("60-119", 60), ("120+", 120))
"""The bands of whole months since the customer came, each with its first month."""
MOST_EXAMPLES = 20
NO_OFFER = "none"


@dataclass(frozen=True)
class Money:
    """What one main offer holds: nothing of it where there is none. Cents net of VAT; the value is against no offer."""

    offered: int = 0
    secured_cents: int = 0
    concession_cents: int = 0
    value_cents: int = 0
    p_accept_micro: int = 0


@dataclass
class Side:
    """The sums over many answers under one rulebook; `p_accept_micro` adds up to the acceptances to expect."""

    offered: int = 0
    secured_cents: int = 0
    concession_cents: int = 0
    value_cents: int = 0
    p_accept_micro: int = 0

    def add(self, money: Money) -> None:
        """Count one answer."""
        for name, amount in vars(money).items():
            setattr(self, name, getattr(self, name) + amount)

    def told(self) -> dict[str, Any]:
        """The sums, JSON-ready; acceptances as a number of customers."""
        sums = {name: amount for name, amount in vars(self).items() if name != "p_accept_micro"}
        return {**sums, "expected_acceptances": round(self.p_accept_micro / MICRO, 3)}


@dataclass
class Group:
    """Some customers, before and after."""

    asked: int = 0
    changed: int = 0
    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)

    def add(self, changed: bool, before: Money, after: Money) -> None:
        """Count one customer."""
        self.asked += 1
        self.changed += changed
        self.before.add(before)
        self.after.add(after)

    def told(self) -> dict[str, Any]:
        """The same, JSON-ready."""
        sides = {"before": self.before.told(), "after": self.after.told()}
        return {"asked": self.asked, "changed": self.changed, **sides}


@dataclass
class Trial:
    """All that is counted; `moves` by template before and after, `examples` of answers that change the most."""

    all: Group = field(default_factory=Group)
    tenure: dict[str, Group] = field(default_factory=lambda: {name: Group() for name, _ in TENURE_BANDS})
    language: dict[str, Group] = field(default_factory=dict)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, was: Retaken, now: Retaken) -> None:
        """Count one decision under its own rulebook and under the other."""
        changed = outcome_digest(was.outcome.written) != outcome_digest(now.outcome.written)
        before, after = money_of(was), money_of(now)
        language = str(was.question.snapshot["language"])
        for group in (self.all, self.tenure[band_of(was)], self.language.setdefault(language, Group())):
            group.add(changed, before, after)
        self.moves[template_of(was), template_of(now)] += 1
        if changed:
            self._keep_example(was, now, after.value_cents - before.value_cents)

    def _keep_example(self, was: Retaken, now: Retaken, more_cents: int) -> None:
        told = {"decision_id": was.row.decision_id, "before": _offer_id(was), "after": _offer_id(now)}
        self.examples.append({**told, "value_change_cents": more_cents})
        self.examples.sort(key=lambda one: (-abs(one["value_change_cents"]), one["decision_id"]))
        del self.examples[MOST_EXAMPLES:]

    def told(self) -> dict[str, Any]:
        """All of it, JSON-ready."""
        return {
            **self.all.told(),
            "other_offer": sum(count for (was, now), count in self.moves.items() if was != now),
            "tenure_months": {name: group.told() for name, group in self.tenure.items()},
            "language": {name: group.told() for name, group in sorted(self.language.items())},
            "moves": [{"before": was, "after": now, "customers": n} for (was, now), n in self.moves.most_common()],
            "examples": self.examples,
        }


def money_of(taken: Retaken) -> Money:
    """What the main offer of a decision holds."""
    if not taken.outcome.written["offers"]:
        return Money()
    sheet, row, column = _main(taken)
    amounts = taken.outcome.amounts[0]
    return Money(
        offered=1,
        secured_cents=amounts.secured_cents,
        concession_cents=max(amounts.depth_cents, 0),
        value_cents=cell(sheet.value_cents, row, column),
        p_accept_micro=cell(sheet.p_accept_micro, row, column),
    )


def band_of(taken: Retaken) -> str:
    """The tenure band of the customer of a decision."""
    months = int(taken.decisions.question.facts["tenure_months"][taken.index])
    return next(name for name, first in reversed(TENURE_BANDS) if months >= first)


def template_of(taken: Retaken) -> str:
    """The template of the main offer, `none` where nothing is offered."""
    offers = taken.outcome.written["offers"]
    return str(offers[0]["template"]) if offers else NO_OFFER


def _offer_id(taken: Retaken) -> str:
    offers = taken.outcome.written["offers"]
    return str(offers[0]["offer_id"]) if offers else str(taken.outcome.written["stance"])


def _main(taken: Retaken) -> At:
    if taken.checked is not None:
        return taken.checked.sheet, 0, 0
    page, at = taken.decisions.at(taken.index)
    return page.sheet, at, int(page.table.offers[at, 0])
