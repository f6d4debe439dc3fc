"""The kernel: tables of customers and scores in, decisions out; one row or a million, the same arithmetic."""

import dataclasses
import datetime
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.beside import beside_the_listed
from engine.calls import Verdict, judge_calls
from engine.catalogue import Candidates, Catalogue
from engine.chance import ARMS
from engine.choice import choose, log_odds, p_leave_without_offer, surpluses_micro
from engine.conditions import Facts, satisfied
from engine.dates import day, months_left, whole_months_since
from engine.felt import Points, felt_gains, read_points
from engine.fields import OUTBOUND_CHANNELS
from engine.margin import tariff
from engine.months import Months, Payers
from engine.question import Question, Sheet
from engine.ranking import Table, rank
from engine.rulebook import InForce, Rulebook
from engine.rules import judge
from engine.solve import Solver, solve
from engine.tables import MICRO, Cases, Scores
from engine.tariffs import Cheapest, cheapest_tariffs
from engine.terms import NONE, Truth, Whole
from engine.value import Outlooks, Prospects, outlooks, prospects, value_cents
from engine.wish import asked_for, read_wishes

STANCES = ("offer", "repair_first", "leave_alone", "standard_only")


@dataclass(frozen=True)
class Page:
    """The customers who ask for something, or those who do not: every candidate weighed and judged, and the table."""

    rows: Whole
    sheet: Sheet
    table: Table


@dataclass(frozen=True)
class Decisions:
    """What was decided for n customers, each of whom stands on one page."""

    question: Question
    scores: Scores
    pages: tuple[Page, ...]
    degraded: Truth

    @cached_property
    def cheapest(self) -> Cheapest:
        """The best tariff on sale for each customer, at the usage on file and nothing else."""
        return cheapest_tariffs(self.question.in_force.on_sale, self.question.facts)

    @cached_property
    def calls(self) -> tuple[Verdict | None, ...]:
        """What the rules say of the call to each customer; None for who is not called."""
        return judge_calls(self.question)

    def at(self, row: int) -> tuple[Page, int]:
        """Where one customer stands: the page and its row."""
        for page in self.pages:
            place = int(np.searchsorted(page.rows, row))
            if place < len(page.rows) and page.rows[place] == row:
                return page, place
        raise IndexError(row)

    def verdicts(self, row: int) -> tuple[Whole, Whole]:
        """The bits of the rules that refuse, for every listed candidate of one customer and every personal one."""
        page, place = self.at(row)
        refused, listed = page.sheet.refused[place], page.sheet.listed
        return refused[:listed], refused[listed:]

    def drawn(self, row: int) -> tuple[str, int]:
        """(the arm of one row, the chance of its main offer in 1e-6): for the ledger, never for an answer."""
        page, place = self.at(row)
        return ARMS[page.table.arm[place]], int(page.table.probability_micro[place])

    def stance(self, row: int) -> str:
        """The stance of one row: repair before selling, respect an objection, offer, or leave alone."""
        if self.question.facts["open_fault"][row] or self.question.facts["unkept_promise"][row]:
            return "repair_first"
        if not self.question.profiled[row]:
            return "standard_only"
        page, place = self.at(row)
        return "offer" if page.table.offers[place, 0] != NONE else "leave_alone"


@dataclass(frozen=True)
class Mood:
    """How n customers lean before any offer, and what they are worth without accepting one; columns (n, 1).

    `points`: their tastes, beside the average customer's.
    """

    leaving_log_odds: NDArray[np.float64]
    outlooks: Outlooks
    others: Prospects
    points: Points

    def take(self, rows: Whole) -> "Mood":
        """The same of some of the customers."""
        outlooks = dataclasses.replace(
            self.outlooks, others=self.outlooks.others[rows], window=self.outlooks.window[rows]
        )
        others = Prospects(*(column[rows] for column in vars(self.others).values()))
        return Mood(self.leaving_log_odds[rows], outlooks, others, self.points.take(rows))


def decide(cases: Cases, scores: Scores, rulebook: Rulebook, today: datetime.date) -> Decisions:
    """The offers for every row of `cases`, with a verdict on every candidate, under the rulebook of one day."""
    question = read_question(cases, rulebook.as_of(today), today)
    mood, asks = read_mood(question, scores), question.wish.stated
    groups = ((~asks).nonzero(), asks.nonzero())
    pages = tuple(_page(question, mood, rows) for (rows,) in groups if len(rows))
    return Decisions(question, scores, pages, unknown_chance(scores) & question.profiled)


def _page(question: Question, mood: Mood, rows: Whole) -> Page:
    """The decisions for some rows, of whom all state a wish or none does."""
    if len(rows) < len(question.profiled):
        question, mood = question.take(rows), mood.take(rows)
    sheet = weigh_candidates(question, mood, *_candidates(question, mood))
    return Page(rows, sheet, rank(sheet))


def read_question(cases: Cases, in_force: InForce, today: datetime.date) -> Question:
    """What n customers ask on a day, with the facts that follow from the day."""
    facts = cases.columns()
    facts["tenure_months"] = whole_months_since(cases["customer_since"], day(today))
    facts["remaining_months"] = months_left(cases["commitment_end"], day(today))
    catalogue, law = in_force.catalogue, in_force.law.lines
    vulnerable = (cases["over_indebted"] | cases["protected_adult"]) & ("AIA-5" in law)
    depth = in_force.policy.depth_cents
    return Question(
        in_force=in_force,
        today=today,
        facts=facts,
        tariffs=tariff(cases["price_cents"], cases["cost_to_serve_cents"], in_force.law.vat_micro),
        wish=read_wishes(cases, in_force),
        depth_limit_cents=np.array([depth.get(role, 0) for role in cases["role"]], dtype=np.int64)[:, None],
        profiled=~(cases["objects_to_profiling"] | vulnerable),
        leaves_free=(cases["over_indebted"] & ("FR-DEBT" in law))[:, None],
        outbound=np.array([channel in OUTBOUND_CHANNELS for channel in cases["channel"]], dtype=bool),
        device_in_use=np.array([[catalogue.device_index.get(name, NONE)] for name in cases["current_device"]]),
        eligible=_eligible(catalogue, facts, cases.rows),
    )


def _eligible(catalogue: Catalogue, facts: Facts, rows: int) -> Truth:
    eligible = np.ones((rows, len(catalogue.templates)), dtype=bool)
    for index, template in enumerate(catalogue.templates):
        if template.conditions:
            eligible[:, index] = satisfied(template.conditions, facts, rows)
    return eligible


def _candidates(question: Question, mood: Mood) -> tuple[Candidates, Months]:
    """What may be offered, and what its months bring in: the catalogue and, to those who ask, the wish solved."""
    catalogue, solver = question.in_force.catalogue, solver_of(question, mood)
    months = solver.payers.months(catalogue.monthly, catalogue.leaving).of(catalogue.monthly_of)
    if not question.wish.stated[0]:
        return catalogue.listed, months
    solved = solve(question.wish, solver)
    return beside_the_listed(solved, question.in_force), months.beside(solved.months)


def solver_of(question: Question, mood: Mood) -> Solver:
    """What top-ups and discounts are solved against: who pays, their authority and what is left of each account."""
    in_force = question.in_force
    account_left = in_force.policy["account_depth_cents"] - question.facts["account_granted_cents"][:, None]
    payers = Payers(in_force, question.tariffs, mood.outlooks, question.leaves_free)
    return Solver(in_force, payers, np.minimum(question.depth_limit_cents, account_left))


def unknown_chance(scores: Scores) -> Truth:
    """Whose chance of leaving is not known, [n]."""
    return (scores.p_churn_micro < 0) | (scores.p_churn_micro > MICRO)


def read_mood(question: Question, scores: Scores) -> Mood:
    """How the customers lean before any offer, from their scores and the reason for the contact."""
    policy, facts, unknown = question.in_force.policy, question.facts, unknown_chance(scores)
    p_churn = np.where(unknown, policy.micro("p_churn_when_unknown"), scores.p_churn_micro)
    window = np.where(scores.window_months > 0, scores.window_months, policy["window_months_when_unknown"])
    reason = np.array([policy.reason_log_odds[reason] for reason in facts["reason_for_contact"]], dtype=np.float64)
    uncontacted = log_odds(p_churn) + reason
    woken = np.array([response.woken_micro for response in scores.responses.tolist()]) / MICRO
    contacted = uncontacted + np.where(question.outbound, policy["contact_log_odds"] + woken, 0.0)
    window_outlooks = outlooks(policy, window)
    return Mood(
        leaving_log_odds=contacted[:, None],
        outlooks=window_outlooks,
        others=prospects(
            question.tariffs,
            window_outlooks,
            p_leave_without_offer(uncontacted)[:, None],
            np.where(question.outbound, policy["contact_cost_cents"], 0)[:, None],
        ),
        points=read_points(scores, question.in_force.catalogue),
    )


def weigh_candidates(question: Question, mood: Mood, candidates: Candidates, months: Months) -> Sheet:
    """Every candidate weighed and judged for every customer, (n, C)."""
    priced, policy = candidates.priced, question.in_force.policy
    gains = felt_gains(priced, question.in_force.catalogue, policy, mood.points.felt_micro)
    surplus, surpluses = surpluses_micro(gains, mood.points, policy["worth_months"])
    asked = asked_for(question.wish, priced.terms, question.tariffs.price_cents)
    p_accept, p_leave = choose(surpluses, mood.points, asked, mood.leaving_log_odds, policy)
    accepted = months.accepted_cents + priced.once_cents
    sheet = Sheet(
        question=question,
        candidates=candidates,
        months=months,
        asked_for=asked,
        secured_cents=months.lowest_cents + priced.once_cents,
        gains_cents=gains,
        surplus_micro=surplus,
        p_accept_micro=p_accept,
        p_leave_micro=p_leave,
        value_cents=value_cents(p_accept, p_leave, accepted, mood.others),
        counted_months=_counted_months(question, candidates),
        refused=np.zeros(surplus.shape, dtype=np.int64),
    )
    judge(sheet)
    return sheet


def _counted_months(question: Question, candidates: Candidates) -> Whole:
    """Months of commitment counted from today, (n, C): a term added to the current one counts the remainder too."""
    months = candidates.priced.terms.commitment_months
    added = candidates.marks.starts_after_current & (months > 0)
    return months + added * question.facts["remaining_months"][:, None]
