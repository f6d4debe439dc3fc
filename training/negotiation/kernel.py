"""The product's side of a talk: a question is decided, a refusal is remembered and makes the next question."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from engine.check import check
from engine.decide import Decisions, decide
from engine.fields import WANTS
from engine.ladder import Heard, Remembered, remember
from engine.offers import describe, weigh
from engine.rulebook import InForce, Rulebook
from engine.tables import Cases, Scores
from engine.terms import NONE
from ledger.snapshots import Snapshot, read_snapshots, write_snapshots
from models.scorer import score

ROWS_A_SLICE = 64
Table = list[dict[str, Any]]
"""What lies on the table of one customer: described offers, the main one first, that an agent may show alone."""


@dataclass(frozen=True)
class Question:
    """What is asked about one customer: facts, wish, contact and memory as recorded, and scores of one row."""

    snapshot: Snapshot
    scores: Scores


@dataclass(frozen=True)
class Kernel:
    """The kernel under the rulebook of one day, for an agent."""

    rulebook: Rulebook
    today: datetime.date

    @property
    def in_force(self) -> InForce:
        """The rulebook of the day."""
        return self.rulebook.as_of(self.today)

    def first_questions(self, cases: Cases) -> list[Question]:
        """What is asked about n customers of whom nothing is remembered yet."""
        return [self._scored(snapshot) for snapshot in write_snapshots(cases)]

    def tables(self, questions: Sequence[Question]) -> list[Table]:
        """What lies on the table after each question; what needs an approval is left out."""
        found: list[Table] = []
        for start in range(0, len(questions), ROWS_A_SLICE):
            some = questions[start : start + ROWS_A_SLICE]
            cases = read_snapshots([question.snapshot for question in some])
            decisions = decide(cases, _stacked(some), self.rulebook, self.today)
            found += [_table(decisions, row) for row in range(cases.rows)]
        return found

    def next_question(self, first: Question, last: Question, heard: Sequence[Heard], named: int) -> Question:
        """The question after a refusal: all that was `heard` in the round, of which the offer `named` was just named.

        `first` is the question of the round, `last` the one just answered; as api.deciding does it.
        """
        said = self._remember(last, [heard[named]])
        wants = {want.name: said.fields[want.name] for want in WANTS}
        refused = list(dict.fromkeys(one.offer["offer_id"] for one in heard))
        steps = last.snapshot["steps_taken"] + 1
        asked = self._scored({**first.snapshot, **wants, "refused_offers": refused, "steps_taken": steps})
        left = self._remember(asked, heard)
        believed = {name: left.fields[name] for name in ("unwanted_devices", "least_worth_micro")}
        return Question({**asked.snapshot, **believed}, left.scores)

    def breaks_a_limit(self, question: Question, offer: dict[str, Any]) -> bool:
        """Whether any hard limit, the floor among them, refuses an offer that one customer accepts."""
        cases = read_snapshots([question.snapshot])
        return bool(check(cases, question.scores, self.rulebook, self.today, [offer]).limits(0))

    def _scored(self, snapshot: Snapshot) -> Question:
        return Question(snapshot, score(None, read_snapshots([snapshot]), {}, self.today))

    def _remember(self, question: Question, heard: Sequence[Heard]) -> Remembered:
        return remember(read_snapshots([question.snapshot]), question.scores, self.rulebook, self.today, heard)


def _stacked(questions: Sequence[Question]) -> Scores:
    columns = {f.name: np.concatenate([getattr(one.scores, f.name) for one in questions]) for f in fields(Scores)}
    return Scores(**columns)


def _table(decisions: Decisions, row: int) -> Table:
    page, at = decisions.at(row)
    columns = [int(column) for column in page.table.offers[at] if column != NONE]
    shown = [column for column in columns if not weigh(page.sheet, at, column)["needs_approval"]]
    return [describe(page.sheet, at, column) for column in shown]
