"""What lies on the table: the wish first, then the best value; two alternatives of another kind."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.catalogue import KINDS
from engine.question import Question, Sheet
from engine.rules.house import is_entitlement
from engine.tables import MICRO
from engine.terms import NONE, Whole
from engine.wish import overshoot

OFFERS = 3
NEVER = -(2**62)


@dataclass(frozen=True)
class Table:
    """What lies on the table of n customers, as columns of the catalogue, then of the personal candidates.

    `chosen` (n, 3): the main offer and up to two alternatives, -1 for none. `wish` [n]: the personal candidate that
    answers a wish (-1 none) and `wish_met` whether it does so within every limit the customer stated.
    """

    chosen: Whole
    wish: Whole
    wish_met: NDArray[np.bool_]


def rank(question: Question, listed: Sheet, personal: Sheet) -> Table:
    """The offers on the table: deterministic, ties broken by the order of the offer ids."""
    wish, met = _answer_to_the_wish(question, personal)
    count = listed.refused.shape[1]
    score = _scores(question, listed)
    main = np.where(wish != NONE, wish + count, _best(score))
    chosen = [main]
    kinds = _kinds(question, listed, personal)
    secured = np.concatenate([listed.secured_cents, personal.secured_cents], axis=1)
    rows = np.arange(len(main))
    near = np.abs(secured - secured[rows, main][:, None]) <= question.in_force.policy["near_margin_cents"]
    open_to = near[:, :count] & (main != NONE)[:, None] & question.profiled[:, None] | ~question.profiled[:, None]
    for _ in range(OFFERS - 1):
        last = chosen[-1]
        open_to &= (kinds[:, :count] != kinds[rows, last][:, None]) & (last != NONE)[:, None]
        chosen.append(_best(np.where(open_to, score, NEVER)))
    return Table(np.stack(chosen, axis=1), wish, met)


def _scores(question: Question, listed: Sheet) -> Whole:
    """Value less the shadow price of the concession; without a profile, the order of the rulebook; NEVER if refused."""
    shadow = question.in_force.policy.micro("shadow_price")
    depth = np.maximum(listed.priced.depth_cents, 0)
    score = listed.value_cents - depth * shadow // MICRO if shadow else listed.value_cents
    score = np.where(question.profiled[:, None], score, -listed.priced.terms.template)
    ranked = (listed.refused == 0) & ~is_entitlement(question, listed)
    return np.where(ranked, score, NEVER)


def _best(score: Whole) -> Whole:
    """The first column of the highest score in each row, -1 where all is refused."""
    if not score.shape[1]:
        return np.full(len(score), NONE, dtype=np.int64)
    best = score.argmax(axis=1)
    return np.where(score[np.arange(len(score)), best] == NEVER, NONE, best)


def _answer_to_the_wish(question: Question, personal: Sheet) -> tuple[Whole, NDArray[np.bool_]]:
    """The wish within every stated limit that is worth most to the customer, else the nearest feasible one."""
    allowed = (personal.refused == 0) & personal.exists
    meets = allowed & personal.asked_for
    policy, terms = question.in_force.policy, personal.priced.terms
    months, monthly, upfront = overshoot(question.wish, terms, question.tariffs.price_cents)
    worth_months = policy["worth_months"]
    shortfall = upfront + worth_months * (monthly + months * policy["commitment_worth_cents"])
    best = _best(np.where(meets, np.maximum(personal.surplus_micro, NEVER + 1), NEVER))
    nearest = _best(np.where(allowed, -shortfall, NEVER))
    met = best != NONE
    return np.where(met, best, nearest), met


def _kinds(question: Question, listed: Sheet, personal: Sheet) -> Whole:
    kinds = question.in_force.catalogue.marks.kind[listed.priced.terms.template]
    catalogue_kinds = np.broadcast_to(kinds, listed.refused.shape)
    return np.concatenate([catalogue_kinds, personal_kinds(personal)], axis=1)


def personal_kinds(personal: Sheet) -> Whole:
    """What kind of offer each personal candidate is, (n, P): a device, a discount or extras."""
    terms = personal.priced.terms
    kind = np.where(terms.discount_cents > 0, KINDS.index("discount"), KINDS.index("extras"))
    return np.where(terms.device != NONE, KINDS.index("device"), kind)


def entitlements(question: Question, listed: Sheet) -> NDArray[np.bool_]:
    """The dues of each customer, (n, J): entitlements that nothing refuses."""
    return (listed.refused == 0) & is_entitlement(question, listed)
