"""What is told of a call of ours: the rules that refuse it, those that could not be tested, and when one may call."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.contact import ATTEMPTS, HOURS, SILENCE, Call, limits_of, next_lawful_call
from engine.question import Question
from engine.rules.contact import CALLS, NOTICE, day_of, has_a_contract, has_consented, is_in_force

MENDED_BY_TIME = (HOURS, ATTEMPTS, SILENCE, NOTICE)
"""The rules that hold again when enough time has passed; the others until somebody says something."""


@dataclass(frozen=True)
class Verdict:
    """What the rules say of one call; `unchecked`: in force, and nobody told what they ask for.

    `not_before`: the first lawful minute by the customer's clock; None where no waiting mends it.
    """

    rules: tuple[str, ...]
    unchecked: tuple[str, ...]
    not_before: datetime.datetime | None

    @property
    def allowed(self) -> bool:
        """Whether nothing speaks against the call."""
        return not self.rules


def judge_calls(question: Question) -> tuple[Verdict | None, ...]:
    """The verdict on each customer's call; None for who is not called."""
    if not question.calls_anybody:
        return (None,) * len(question.outbound)
    binding = {name: rule for name, rule in CALLS.items() if is_in_force(name, question.in_force.law)}
    refuse = {name: ~rule(question) for name, rule in binding.items()}
    untold = {name: where for name, where in _untold(question).items() if name in binding}
    moments = _Moments(question)
    return tuple(
        moments.judge(row, _named(refuse, row), _named(untold, row)) if called else None
        for row, called in enumerate(question.outbound)
    )


def _named(where: Mapping[str, Any], row: int) -> tuple[str, ...]:
    return tuple(name for name, column in where.items() if column[row])


def _untold(question: Question) -> dict[str, Any]:
    """Where a rule holds only because nobody told what it asks for, [n]."""
    facts = question.facts
    return {
        NOTICE: np.isnat(facts["best_tariff_notice_on"]) & has_a_contract(question),
        HOURS: (facts["call_minute"] < 0) & ~has_consented(question),
    }


class _Moments:
    """The columns of a question that the next lawful moment depends on, worked out once."""

    def __init__(self, question: Question) -> None:
        self._facts, self._limits = question.facts, limits_of(question.in_force.law)
        self._notice = is_in_force(NOTICE, question.in_force.law)
        self._on, self._free, self._runs = day_of(question), has_consented(question), has_a_contract(question)

    def judge(self, row: int, rules: tuple[str, ...], unchecked: tuple[str, ...]) -> Verdict:
        """The verdict on one call."""
        if not set(rules) <= set(MENDED_BY_TIME):
            return Verdict(rules, unchecked, None)
        return Verdict(rules, unchecked, next_lawful_call(self._call(row), self._limits))

    def _call(self, row: int) -> Call:
        facts = self._facts
        noticed = facts["best_tariff_notice_on"][row].item() if self._notice and self._runs[row] else None
        return Call(
            began_on=self._on[row].item(),
            minute=max(int(facts["call_minute"][row]), 0),
            holidays=facts["public_holidays"][row],
            calls=facts["calls_made"][row],
            refused_on=facts["call_refused_on"][row].item(),
            noticed_on=noticed,
            free=bool(self._free[row]),
            asked_for=bool(facts["call_asked_for"][row]),
        )
