"""What lies on the table: the wish first, then the best value; two alternatives of another kind."""

from dataclasses import dataclass

import numpy as np

from engine.arms import NEVER, best_of, choose_main
from engine.chance import BEST, CONTROL
from engine.question import Sheet
from engine.rules import LIMITS as HARD_LIMITS
from engine.tables import MICRO
from engine.terms import NONE, Truth, Whole
from engine.wish import overshoot

OFFERS = 3


@dataclass(frozen=True)
class Table:
    """What lies on the table of the n customers of a sheet, as its columns (-1: none).

    `offers` (n, 3): the main offer and up to two alternatives. `wish` [n]: the personal candidate that answers a wish,
    and then is the main offer; `wish_met`: within every limit the customer stated; `nearest`: the nearest that no hard
    limit refuses, offered or not. `arm` [n], a place in `engine.chance.ARMS`, is what decided the main offer, and
    `probability_micro` [n] the chance with which it came out, over all draws: for the ledger, never for an answer.
    """

    offers: Whole
    wish: Whole
    wish_met: Truth
    nearest: Whole
    arm: Whole
    probability_micro: Whole


def rank(sheet: Sheet) -> Table:
    """The offers on the table: ties break on the order of the offer ids, chance is a hash, a wish is left to none."""
    score = _scores(sheet)
    chosen = choose_main(sheet, score)
    wish, met, nearest = _answer_to_the_wish(sheet)
    answered = wish != NONE
    main = np.where(answered, wish, chosen.main)
    if (chosen.arm != BEST).any():
        score = _beside(sheet, score, np.where(answered, NONE, main), chosen.arm == CONTROL, answered)
    table = np.array([main, *_alternatives(sheet, score, main)]).T
    arm = np.where(answered & (chosen.arm != CONTROL), BEST, chosen.arm)
    return Table(table, wish, met, nearest, arm, np.where(answered, MICRO, chosen.probability_micro))


def ranked_first(sheet: Sheet) -> Whole:
    """The listed candidate of the highest score for each customer of a sheet, -1 where none may be offered, [n]."""
    return best_of(_scores(sheet))


def _beside(sheet: Sheet, score: Whole, main: Whole, control: Truth, answered: Truth) -> Whole:
    """The scores of what may lie beside the main offer: beside one that chance chose nothing that is worth more.

    So no answer tells by its offers which arm it is of. `main` [n] is -1 where a wish is `answered`, or with nothing.
    """
    most = np.where(main == NONE, NEVER, _at(score, main)[:, 0])
    held = (score > np.where(answered, -NEVER, most)[:, None]) | (control[:, None] & ~sheet.marks.standard)
    return np.where(held, NEVER, score)


def _alternatives(sheet: Sheet, score: Whole, main: Whole) -> list[Whole]:
    """The best of another kind and then of a third, near the margin of the main offer; without one there is none."""
    policy, kinds, found = sheet.question.in_force.policy, sheet.marks.kind, [main]
    near = np.abs(sheet.secured_cents - _at(sheet.secured_cents, main)) <= policy["near_margin_cents"]
    score = np.where(near | ~sheet.question.profiled[:, None], score, NEVER)
    for _ in range(OFFERS - 1):
        score = np.where(kinds == _at(kinds, found[-1]), NEVER, score)
        found.append(best_of(score))
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
    if not question.profiled.all():
        score = np.where(question.profiled[:, None], score, -sheet.priced.terms.template)
    return np.where((sheet.refused == 0) & ~(marks.entitlement | marks.wish), score, NEVER)


def _answer_to_the_wish(sheet: Sheet) -> tuple[Whole, Truth, Whole]:
    """(the answer, whether it meets the wish, the nearest): within every limit what is worth most, else the nearest."""
    if sheet.refused.shape[1] == sheet.listed:
        none = np.full(len(sheet.refused), NONE)
        return none, none != NONE, none
    personal = slice(sheet.listed, None)
    refused = sheet.refused[:, personal]
    allowed, feasible = refused == 0, (refused & HARD_LIMITS) == 0
    worth, nearness = np.maximum(sheet.surplus_micro[:, personal], NEVER + 1), -_shortfall_cents(sheet)
    among = np.concatenate((allowed & sheet.asked_for[:, personal], allowed, feasible))
    found = best_of(np.where(among, np.concatenate((worth, nearness, nearness)), NEVER))
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
