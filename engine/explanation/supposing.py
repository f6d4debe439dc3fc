"""What the rules would say of one candidate if facts or terms were others: every supposition is a row of one table."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.catalogue import Candidates
from engine.composed import SERVICES, TWIN_MONTHS, Composed, marks_of, read_composed, twins_among, with_twins
from engine.decide import Decisions, decide, read_mood, read_question, solver_of, weigh_candidates
from engine.offers import offer_id
from engine.question import Sheet
from engine.rulebook import InForce, Rulebook
from engine.tables import Cases, Scores
from engine.terms import Terms, Whole


@dataclass(frozen=True)
class Supposition:
    """What is supposed to be otherwise: facts by the names of `engine.fields`, terms by those of `engine.terms.Terms`.

    `composed`: the terms as an agent would compose them, with the twin that is then made for them; other terms always
    are. `in_stock`: there is one of the device. `chance_micro`: the chance of leaving, in 1e-6.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, int] = field(default_factory=dict)
    composed: bool = False
    in_stock: bool = False
    chance_micro: int | None = None

    @property
    def made_anew(self) -> bool:
        """Whether the twin of the terms is made for them, and not the one that lay beside them."""
        return self.composed or bool(self.terms)

    def and_also(self, other: "Supposition") -> "Supposition":
        """Both at once; where both speak of the same, the other's word."""
        return Supposition(
            facts={**self.facts, **other.facts},
            terms={**self.terms, **other.terms},
            composed=self.composed or other.composed,
            in_stock=self.in_stock or other.in_stock,
            chance_micro=self.chance_micro if other.chance_micro is None else other.chance_micro,
        )


AS_IT_IS = Supposition()


@dataclass(frozen=True)
class Matter:
    """One candidate of one decided question, and all that it takes to judge it again.

    `cases` and `scores` of one row; `terms` (1, 1 + twins): the candidate's, then those of its twins on the table.
    `composed`: an agent composed it, and its twin is made anew.
    """

    rulebook: Rulebook
    today: datetime.date
    cases: Cases
    scores: Scores
    terms: Terms
    composed: bool = False

    @property
    def in_force(self) -> InForce:
        """The rulebook of the day."""
        return self.rulebook.as_of(self.today)

    def fact(self, name: str) -> Any:
        """A fact of the case as it is."""
        return self.cases[name][0]

    def derived(self, name: str) -> int:
        """A fact that follows from the day: tenure_months, remaining_months."""
        return int(self.judge([AS_IT_IS]).question.facts[name][0])

    def term(self, name: str) -> int:
        """A term of the candidate as it is."""
        return int(getattr(self.terms, name)[0, 0])

    def judge(self, suppositions: Sequence[Supposition]) -> Sheet:
        """The candidate under each supposition, a row each, in column 0. All of them composed, or none."""
        in_force = self.in_force
        question = read_question(self._cases(suppositions), in_force, self.today)
        mood = read_mood(question, self._scores(suppositions))
        solver, terms = solver_of(question, mood), self._terms(suppositions)
        if self.composed or suppositions[0].made_anew:
            known = np.ones(terms.template.shape, dtype=bool)
            candidates, months = with_twins(Composed(terms, known, terms, ~known), solver)
        else:
            priced, months = solver.price(terms)
            exists = np.ones(terms.template.shape, dtype=bool)
            marks = marks_of(terms, in_force.catalogue)
            candidates = Candidates(priced, marks, twins_among(terms), exists, listed=0)
        there = candidates.priced.in_stock | np.array([[one.in_stock] for one in suppositions])
        priced = replace(candidates.priced, in_stock=there)
        return weigh_candidates(question, mood, replace(candidates, priced=priced), months)

    def refused(self, suppositions: Sequence[Supposition]) -> Whole:
        """The bits of the rules that refuse the candidate under each supposition, [n]."""
        found = np.zeros(len(suppositions), dtype=np.int64)
        made_anew = np.array([one.made_anew for one in suppositions], dtype=bool)
        for rows in (np.flatnonzero(made_anew).tolist(), np.flatnonzero(~made_anew).tolist()):
            if rows:
                found[rows] = self.judge([suppositions[row] for row in rows]).refused[:, 0]
        return found

    def _cases(self, suppositions: Sequence[Supposition]) -> Cases:
        others = {name for supposed in suppositions for name in supposed.facts}
        rows = len(suppositions)
        columns = {
            name: np.repeat(column, rows) if name in others else np.broadcast_to(column, (rows,))
            for name, column in self.cases.items()
        }
        for row, supposed in enumerate(suppositions):
            for name, value in supposed.facts.items():
                columns[name][row] = value
        return Cases(columns)

    def _scores(self, suppositions: Sequence[Supposition]) -> Scores:
        columns = {name: np.repeat(column, len(suppositions), axis=0) for name, column in vars(self.scores).items()}
        for row, supposed in enumerate(suppositions):
            if supposed.chance_micro is not None:
                columns["p_churn_micro"][row] = supposed.chance_micro
        return Scores(**columns)

    def _terms(self, suppositions: Sequence[Supposition]) -> Terms:
        """The terms of each row, (n, 1) where they are composed, else (n, 1 + twins)."""
        columns = {name: np.repeat(column, len(suppositions), axis=0) for name, column in vars(self.terms).items()}
        if not self.composed and not suppositions[0].made_anew:
            return Terms(**columns)
        for row, supposed in enumerate(suppositions):
            for name, value in supposed.terms.items():
                columns[name][row, 0] = value
        return Terms(**{name: column[:, :1] for name, column in columns.items()})


def matter_of(cases: Cases, scores: Scores, rulebook: Rulebook, today: datetime.date, candidate: str) -> Matter | None:
    """One candidate of the one customer of a table, by its offer id; None where there was none of that id."""
    decisions = decide(cases, scores, rulebook, today)
    sheet, column = _find(decisions, candidate)
    if column is None:
        return None
    columns = [column, *_twins_of(sheet, column)]
    terms = {name: values[:1, columns] for name, values in vars(sheet.priced.terms).items()}
    return Matter(rulebook, today, cases, scores, Terms(**terms))


def _twins_of(sheet: Sheet, column: int) -> list[int]:
    """The columns of the same services at 12 months, but for the candidate itself."""
    terms, exists = vars(sheet.priced.terms), np.broadcast_to(sheet.candidates.exists, sheet.refused.shape)[0]
    same = exists & (terms["commitment_months"][0] == TWIN_MONTHS)
    for name in SERVICES:
        same = same & (terms[name][0] == terms[name][0, column])
    return [int(twin) for twin in np.flatnonzero(same) if twin != column]


def matter_of_given(
    cases: Cases, scores: Scores, rulebook: Rulebook, today: datetime.date, given: Mapping[str, Any]
) -> Matter:
    """The terms that an agent composed for the one customer of a table."""
    terms = read_composed([given], rulebook.as_of(today)).terms
    return Matter(rulebook, today, cases, scores, terms, composed=True)


def _find(decisions: Decisions, candidate: str) -> tuple[Sheet, int | None]:
    """The sheet of the first customer, and the column of a candidate on it."""
    page, row = decisions.at(0)
    sheet = page.sheet
    listed = sheet.question.in_force.catalogue.column_of.get(candidate)
    if listed is not None:
        return sheet, listed
    personal = (
        column for column in range(sheet.listed, sheet.refused.shape[1]) if sheet.candidates.exists[row, column]
    )
    return sheet, next((column for column in personal if offer_id(sheet, row, column) == candidate), None)
