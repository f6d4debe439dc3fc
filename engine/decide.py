"""The kernel: tables of customers and scores in, decisions out; one row or a million, the same arithmetic."""

import dataclasses
import datetime
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.catalogue import Candidates, Catalogue
from engine.choice import choose, log_odds, p_leave_without_offer, surplus_micro
from engine.conditions import Facts, satisfied
from engine.dates import day, months_left, whole_months_since
from engine.fields import OUTBOUND_CHANNELS, REASONS_FOR_CONTACT
from engine.margin import lowest_monthly_margin, month_without_commitment_lacks, share_floor_cents, tariff
from engine.policy import ROLES_THAT_OFFER
from engine.question import Question, Sheet
from engine.ranking import Table, rank
from engine.rulebook import InForce, Rulebook
from engine.rules import judge
from engine.tables import MICRO, MOST_TASTE_MICRO, Cases, Scores
from engine.terms import NONE, Whole
from engine.value import Outlooks, Prospects, accepted_cents, outlooks, prospects, value_cents
from engine.wish import Solver, asked_for, read_wishes, wish_terms, wish_twins

STANCES = ("offer", "repair_first", "leave_alone", "standard_only")


@dataclass(frozen=True)
class Decisions:
    """What was decided for n customers: every candidate weighed and judged, and what lies on the table."""

    question: Question
    scores: Scores
    listed: Sheet
    personal: Sheet | None
    asking: Whole
    table: Table
    degraded: NDArray[np.bool_]

    def wishing(self, row: int) -> tuple[Sheet, int] | None:
        """Where the personal candidates of one customer stand: their sheet and its row; None without a wish."""
        if self.personal is None or not self.question.wish.stated[row]:
            return None
        return self.personal, int(np.searchsorted(self.asking, row))

    def stance(self, row: int) -> str:
        """The stance of one row: repair before selling, respect an objection, offer, or leave alone."""
        if self.question.facts["open_fault"][row] or self.question.facts["unkept_promise"][row]:
            return "repair_first"
        if not self.question.profiled[row]:
            return "standard_only"
        return "offer" if self.table.has_offer(row) else "leave_alone"


@dataclass(frozen=True)
class Mood:
    """How n customers lean before any offer, and what they are worth without accepting one; columns (n, 1)."""

    leaving_log_odds: NDArray[np.float64]
    outlooks: Outlooks
    others: Prospects
    tastes_micro: Whole

    def take(self, rows: Whole) -> "Mood":
        """The same of some of the customers."""
        return Mood(
            self.leaving_log_odds[rows],
            dataclasses.replace(self.outlooks, window=self.outlooks.window[rows]),
            Prospects(*(column[rows] for column in vars(self.others).values())),
            self.tastes_micro[rows],
        )


def decide(cases: Cases, scores: Scores, rulebook: Rulebook, today: datetime.date) -> Decisions:
    """The offers for every row of `cases`, with a verdict on every candidate, under the rulebook of one day."""
    in_force = rulebook.as_of(today)
    question = read_question(cases, in_force, today)
    mood = read_mood(question, scores)
    listed = weigh_candidates(question, mood, in_force.catalogue.listed)
    asking = np.flatnonzero(question.wish.stated)
    personal = None
    if len(asking):
        everyone = len(asking) == cases.rows
        wishing, leaning = (question, mood) if everyone else (question.take(asking), mood.take(asking))
        personal = weigh_candidates(wishing, leaning, _personal(wishing))
    degraded = unknown_chance(scores) & question.profiled
    return Decisions(question, scores, listed, personal, asking, rank(listed, personal, asking), degraded)


def read_question(cases: Cases, in_force: InForce, today: datetime.date) -> Question:
    """What n customers ask on a day, with the facts that follow from the day."""
    facts = dict(cases)
    facts["tenure_months"] = whole_months_since(cases["customer_since"], day(today))
    facts["remaining_months"] = months_left(cases["commitment_end"], day(today))
    catalogue = in_force.catalogue
    depth = {role: in_force.policy[f"depth_cents_{role}"] for role in ROLES_THAT_OFFER}
    return Question(
        in_force=in_force,
        today=today,
        facts=facts,
        tariffs=tariff(cases["price_cents"], cases["cost_to_serve_cents"], in_force.law.vat_micro),
        wish=read_wishes(cases, in_force),
        depth_limit_cents=np.array([depth.get(role, 0) for role in cases["role"]], dtype=np.int64)[:, None],
        profiled=~cases["objects_to_profiling"],
        outbound=np.array([channel in OUTBOUND_CHANNELS for channel in cases["channel"]], dtype=bool),
        device_in_use=np.array([[catalogue.device_index.get(name, NONE)] for name in cases["current_device"]]),
        eligible=_eligible(catalogue, facts, cases.rows),
    )


def _eligible(catalogue: Catalogue, facts: Facts, rows: int) -> NDArray[np.bool_]:
    eligible = np.ones((rows, len(catalogue.templates)), dtype=bool)
    for index, template in enumerate(catalogue.templates):
        if template.conditions:
            eligible[:, index] = satisfied(template.conditions, facts, rows)
    return eligible


def _personal(question: Question) -> Candidates:
    solver = solver_of(question)
    terms, exists = wish_terms(question.wish, solver)
    marks = question.in_force.catalogue.marks
    return Candidates(solver.price(terms), marks.of(terms.template), wish_twins(terms), exists)


def solver_of(question: Question) -> Solver:
    """What top-ups and discounts are solved against: each tariff, authority and what is left of each account."""
    limit = question.in_force.policy["account_depth_cents"]
    account_left = limit - question.facts["account_granted_cents"][:, None]
    return Solver(question.in_force, question.tariffs, np.minimum(question.depth_limit_cents, account_left))


def unknown_chance(scores: Scores) -> NDArray[np.bool_]:
    """Whose chance of leaving is not known, [n]."""
    return (scores.p_churn_micro < 0) | (scores.p_churn_micro > MICRO)


def read_mood(question: Question, scores: Scores) -> Mood:
    """How the customers lean before any offer, from their scores and the reason for the contact."""
    policy, facts, unknown = question.in_force.policy, question.facts, unknown_chance(scores)
    p_churn = np.where(unknown, policy.micro("p_churn_when_unknown"), scores.p_churn_micro)
    window = np.where(scores.window_months > 0, scores.window_months, policy["window_months_when_unknown"])
    by_reason = {reason: policy[f"reason_log_odds_{reason}"] for reason in REASONS_FOR_CONTACT}
    reason = np.array([by_reason[reason] for reason in facts["reason_for_contact"]], dtype=np.float64)
    uncontacted = log_odds(p_churn) + reason
    contacted = uncontacted + np.where(question.outbound, policy["contact_log_odds"], 0.0)
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
        tastes_micro=np.minimum(np.maximum(scores.tastes_micro, 0), MOST_TASTE_MICRO),
    )


def weigh_candidates(question: Question, mood: Mood, candidates: Candidates) -> Sheet:
    """Every candidate weighed and judged for every customer, (n, C)."""
    priced, tariffs, policy = candidates.priced, question.tariffs, question.in_force.policy
    terms, monthly = priced.terms, priced.monthly
    surplus = surplus_micro(priced, mood.tastes_micro, policy["worth_months"])
    asked = asked_for(question.wish, terms, tariffs.price_cents)
    p_accept, p_leave = choose(surplus, asked, mood.leaving_log_odds, policy)
    accepted = accepted_cents(tariffs, monthly, mood.outlooks)[:, monthly.of] + priced.once_cents
    lowest = lowest_monthly_margin(tariffs, monthly, question.in_force.law)
    share_floor = share_floor_cents(tariffs, monthly, policy.micro("floor_share"))
    sheet = Sheet(
        question=question,
        priced=priced,
        marks=candidates.marks,
        twins=candidates.twins,
        exists=np.broadcast_to(candidates.exists, surplus.shape),
        asked_for=asked,
        secured_cents=lowest[:, monthly.of] + priced.once_cents,
        share_floor_cents=share_floor[:, monthly.of],
        month_lacks_cents=month_without_commitment_lacks(tariffs, monthly)[:, monthly.of],
        surplus_micro=surplus,
        p_accept_micro=p_accept,
        p_leave_micro=p_leave,
        value_cents=value_cents(p_accept, p_leave, accepted, mood.others),
        counted_months=_counted_months(question, candidates),
        passes=np.ones(surplus.shape, dtype=bool),
        refused=np.zeros(surplus.shape, dtype=np.int64),
    )
    judge(sheet)
    return sheet


def _counted_months(question: Question, candidates: Candidates) -> Whole:
    """Months of commitment counted from today, (n, C): a term added to the current one counts the remainder too."""
    months = candidates.priced.terms.commitment_months
    added = candidates.marks.starts_after_current & (months > 0)
    return months + added * question.facts["remaining_months"][:, None]
