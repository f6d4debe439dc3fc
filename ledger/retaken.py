"""Recorded questions, decided again: under the rulebook that decided them, or under another one."""

import datetime
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row

from engine.check import Checked, check, may_be_put_on_the_table
from engine.decide import Decisions, decide
from engine.rulebook import Rulebook
from engine.tables import Cases, Scores
from ledger.records import Occasion, Outcome, Question, Record, read_occasion, read_scores, write_scores
from ledger.snapshots import read_snapshots

Rescore = Callable[[Cases, Scores, Sequence[Mapping[str, Any]], datetime.date], Scores]
"""Other scores for cases [n] of a day, from those on record and the recorded features."""


@dataclass(frozen=True)
class Retaken:
    """One recorded decision, taken again: its row, its occasion and question, and what comes out now.

    `decisions` holds it in row `index` with everything that was weighed; `checked` its given terms, where it had any.
    """

    row: Row[Any]
    occasion: Occasion
    question: Question
    outcome: Outcome
    decisions: Decisions
    index: int
    checked: Checked | None

    @property
    def record(self) -> Record:
        """The same as a record."""
        return Record(self.occasion, self.question, self.outcome)


def take_again(rows: Sequence[Row[Any]], rulebook: Rulebook) -> Iterator[Retaken]:
    """Decisions under the rulebook that decided them, each on its day: given terms lie on the table as they did."""
    for same_day in _by_day(rows):
        yield from _decide(same_day, rulebook, None, given_stay=True)


def take_under(rows: Sequence[Row[Any]], rulebook: Rulebook, on: datetime.date | None = None) -> Iterator[Retaken]:
    """Decisions under another rulebook, each on its day or all `on` one: given terms it refuses are left out."""
    for some in [rows] if on else _by_day(rows):
        yield from _decide(some, rulebook, on, given_stay=False)


def take_scored(rows: Sequence[Row[Any]], rulebook: Rulebook, rescore: Rescore) -> Iterator[Retaken]:
    """Decisions under the rulebook that decided them, each on its day, from other scores than those on record."""
    for same_day in _by_day(rows):
        yield from _decide(same_day, rulebook, None, given_stay=True, rescore=rescore)


def _by_day(rows: Sequence[Row[Any]]) -> Iterator[list[Row[Any]]]:
    return (list(same_day) for _, same_day in itertools.groupby(rows, key=lambda row: row.decided_on))


def _decide(
    rows: Sequence[Row[Any]],
    rulebook: Rulebook,
    on: datetime.date | None,
    given_stay: bool,
    rescore: Rescore | None = None,
) -> Iterator[Retaken]:
    records = [orjson.loads(row.record) for row in rows]
    occasions = [read_occasion(record) for record in records]
    day, cases = on or occasions[0].decided_on, read_snapshots([record["case"] for record in records])
    scores = read_scores([record["scores"] for record in records])
    if rescore is not None:
        scores = rescore(cases, scores, [record["features"] for record in records], day)
    decided = decide(cases, scores, rulebook, day)
    for index, (row, record, occasion) in enumerate(zip(rows, records, occasions, strict=True)):
        scored = record["scores"] if rescore is None else write_scores(scores, index)
        question = Question(record["case"], record["features"], scored, record["given"])
        outcome, checked = Outcome.of(decided, index, occasion.previous), None
        if question.given is not None:
            alone = Scores(*(column[index : index + 1] for column in vars(scores).values()))
            checked = check(cases.take(slice(index, index + 1)), alone, rulebook, day, [question.given])
            if given_stay or may_be_put_on_the_table(checked, 0):
                outcome = outcome.instead(checked, 0, occasion.previous)
            else:
                checked = None
        yield Retaken(row, occasion, question, outcome, decided, index, checked)
