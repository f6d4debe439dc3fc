"""What lies on the table: the wish first, then the best value; two alternatives of another kind."""

from dataclasses import dataclass

import numpy as np

from engine.question import Sheet
from engine.rules import LIMITS as HARD_LIMITS
from engine.tables import MICRO
from engine.terms import NONE, Truth, Whole
from engine.wish import overshoot

OFFERS = 3
NEVER = -(2**62)


@dataclass(frozen=True)
class Table:
    """What lies on the table of the n customers of a sheet, as its columns (-1: none).

    `offers` (n, 3): the main offer and up to two alternatives. `wish` [n]: the personal candidate that answers a wish,
    and then is the main offer; `wish_met`: within every limit the customer stated; `nearest`: the nearest that no hard
    limit refuses, offered or not.
    """

    offers: Whole
    wish: Whole
    wish_met: Truth
    nearest: Whole


def rank(sheet: Sheet) -> Table:
    """The offers on the table: deterministic, ties broken by the order of the offer ids."""
    score = _scores(sheet)
    main = _best(score)
    wish, met, nearest = _answer_to_the_wish(sheet)
    main = np.where(wish == NONE, main, wish)
    return Table(np.stack([main, *_alternatives(sheet, score, main)], axis=1), wish, met, nearest)


def _alternatives(sheet: Sheet, score: Whole, main: Whole) -> list[Whole]:
    """The best of another kind and then of a third, near the margin of the main offer; without one there is none."""
    policy, kinds, found = sheet.question.in_force.policy, sheet.marks.kind, [main]
    near = np.abs(sheet.secured_cents - _at(sheet.secured_cents, main)) <= policy["near_margin_cents"]
    score = np.where(near | ~sheet.question.profiled[:, None], score, NEVER)
    for _ in range(OFFERS - 1):
        score = np.where(kinds == _at(kinds, found[-1]), NEVER, score)
        found.append(_best(score))
    return found[1:]


def _at(columns: Whole, column: Whole) -> Whole:
    """The value of one column [n] for each row, (n, 1), of columns (n, C) or (1, C)."""
    if not columns.shape[1]:
        return column[:, None]
    rows = np.arange(len(column)) if len(columns) == len(column) else 0
    return columns[rows, column][:, None]


def _scores(sheet: Sheet) -> Whole:
    """Value less the shadow price of the concession; without a profile, the order of the rulebook; NEVER if refused.

    NEVER also for what is not ranked: entitlements, and what answers a wish.
    """
    question, marks, score = sheet.question, sheet.marks, sheet.value_cents
    if shadow := question.in_force.policy.micro("shadow_price"):
        score = score - np.maximum(sheet.priced.depth_cents, 0) * shadow // MICRO
    score = np.where(question.profiled[:, None], score, -sheet.priced.terms.template)
    return np.where((sheet.refused == 0) & ~(marks.entitlement | marks.wish), score, NEVER)


def _best(score: Whole) -> Whole:
    """The first column of the highest score in each row, -1 where all is refused."""
    if not score.shape[1]:
        return np.full(len(score), NONE, dtype=np.int64)
    best = score.argmax(axis=1)
    return np.where(score[np.arange(len(score)), best] == NEVER, NONE, best)


def _answer_to_the_wish(sheet: Sheet) -> tuple[Whole, Truth, Whole]:
    """(the answer, whether it meets the wish, the nearest): within every limit what is worth most, else the nearest."""
    if sheet.refused.shape[1] == sheet.listed:
        none = np.full(len(sheet.refused), NONE)
        return none, none != NONE, none
    personal = slice(sheet.listed, None)
    refused, exists = sheet.refused[:, personal], sheet.candidates.exists[:, personal]
    allowed, feasible = exists & (refused == 0), exists & ((refused & HARD_LIMITS) == 0)
    worth, nearness = np.maximum(sheet.surplus_micro[:, personal], NEVER + 1), -_shortfall_cents(sheet)
    among = np.concatenate((allowed & sheet.asked_for[:, personal], allowed, feasible))
    found = _best(np.where(among, np.concatenate((worth, nearness, nearness)), NEVER))
    best, nearest, possible = np.where(found == NONE, NONE, found + sheet.listed).reshape(3, -1)
    met = best != NONE
    return np.where(met, best, nearest), met, possible


def _shortfall_cents(sheet: Sheet) -> Whole:
    """How far each personal candidate is from the wish, (n, P), over the months of worth."""
    question, policy = sheet.question, sheet.question.in_force.policy
    terms = sheet.priced.terms.behind(sheet.listed)
    months, monthly, upfront = overshoot(question.wish, terms, question.tariffs.price_cents)
    worth_months: int = policy["worth_months"]
    shortfall: Whole = upfront + worth_months * (monthly + months * policy["commitment_worth_cents"])
    return shortfall


def entitlements(sheet: Sheet, row: int) -> Whole:
    """The columns of one customer's dues: entitlements that nothing refuses."""
    return np.flatnonzero((sheet.refused[row] == 0) & sheet.marks.entitlement[0])
