"""What lies on the table: the wish first, then the best value; two alternatives of another kind."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.catalogue import KINDS
from engine.question import Sheet
from engine.rules import LIMITS as HARD_LIMITS
from engine.tables import MICRO
from engine.terms import NONE, Whole
from engine.wish import overshoot

OFFERS = 3
NEVER = -(2**62)


@dataclass(frozen=True)
class Table:
    """What lies on the table of n customers.

    `wish` [n]: the personal candidate that answers a wish and comes first (-1: none); `wish_met`: within every limit
    the customer stated; `nearest`: the nearest that no hard limit refuses, offered or not. `listed` (n, 3): the main
    offer and up to two alternatives of the catalogue (-1: none); where a wish comes first, the main one is -1.
    """

    wish: Whole
    wish_met: NDArray[np.bool_]
    nearest: Whole
    listed: Whole

    def has_offer(self, row: int) -> bool:
        """Whether anything lies on the table of one customer."""
        return bool(self.wish[row] != NONE or self.listed[row, 0] != NONE)


@dataclass(frozen=True)
class First:
    """The main offer of each customer [n]: its kind and secured margin in cents; kind -1 where there is none."""

    kind: Whole
    secured_cents: Whole


def rank(listed: Sheet, personal: Sheet | None, asking: Whole) -> Table:
    """The offers on the table: deterministic, ties broken by the order of the offer ids.

    `personal` holds the candidates of the customers in rows `asking`, None where nobody asks for anything.
    """
    score, rows = _scores(listed), len(listed.refused)
    wish, met, nearest = np.full(rows, NONE), np.zeros(rows, dtype=bool), np.full(rows, NONE)
    best = _best(score)
    kinds = np.broadcast_to(listed.marks.kind, score.shape)
    first = First(_at(kinds, best), _at(listed.secured_cents, best))
    if personal is not None:
        wish[asking], met[asking], nearest[asking] = _answer_to_the_wish(personal)
        answered = wish[asking] != NONE
        first.kind[asking] = np.where(answered, _at(_kinds(personal), wish[asking]), first.kind[asking])
        secured = _at(personal.secured_cents, wish[asking])
        first.secured_cents[asking] = np.where(answered, secured, first.secured_cents[asking])
    alternatives = _alternatives(listed, score, kinds, first)
    return Table(wish, met, nearest, np.stack([np.where(wish == NONE, best, NONE), *alternatives], axis=1))


def _alternatives(listed: Sheet, score: Whole, kinds: Whole, first: First) -> list[Whole]:
    question, kind = listed.question, first.kind
    near = np.abs(listed.secured_cents - first.secured_cents[:, None]) <= question.in_force.policy["near_margin_cents"]
    open_to = near | ~question.profiled[:, None]
    found = []
    for _ in range(OFFERS - 1):
        open_to &= (kinds != kind[:, None]) & (kind != NONE)[:, None]
        found.append(_best(np.where(open_to, score, NEVER)))
        kind = _at(kinds, found[-1])
    return found


def _at(columns: Whole, column: Whole) -> Whole:
    """The value of one column for each row [n]; -1 where the column is -1."""
    if not columns.shape[1]:
        return column
    return np.where(column == NONE, NONE, columns[np.arange(len(column)), column])


def _scores(listed: Sheet) -> Whole:
    """Value less the shadow price of the concession; without a profile, the order of the rulebook; NEVER if refused."""
    question = listed.question
    shadow = question.in_force.policy.micro("shadow_price")
    depth = np.maximum(listed.priced.depth_cents, 0)
    score = listed.value_cents - depth * shadow // MICRO if shadow else listed.value_cents
    score = np.where(question.profiled[:, None], score, -listed.priced.terms.template)
    ranked = (listed.refused == 0) & ~listed.marks.entitlement
    return np.where(ranked, score, NEVER)


def _best(score: Whole) -> Whole:
    """The first column of the highest score in each row, -1 where all is refused."""
    if not score.shape[1]:
        return np.full(len(score), NONE, dtype=np.int64)
    best = score.argmax(axis=1)
    return np.where(score[np.arange(len(score)), best] == NEVER, NONE, best)


def _answer_to_the_wish(personal: Sheet) -> tuple[Whole, NDArray[np.bool_], Whole]:
    """(the answer, whether it meets the wish, the nearest): within every limit what is worth most, else the nearest."""
    allowed = (personal.refused == 0) & personal.exists
    meets = allowed & personal.asked_for
    question, terms = personal.question, personal.priced.terms
    policy = question.in_force.policy
    months, monthly, upfront = overshoot(question.wish, terms, question.tariffs.price_cents)
    worth_months = policy["worth_months"]
    shortfall = upfront + worth_months * (monthly + months * policy["commitment_worth_cents"])
    best = _best(np.where(meets, np.maximum(personal.surplus_micro, NEVER + 1), NEVER))
    nearest = _best(np.where(allowed, -shortfall, NEVER))
    feasible = ((personal.refused & HARD_LIMITS) == 0) & personal.exists
    met = best != NONE
    return np.where(met, best, nearest), met, _best(np.where(feasible, -shortfall, NEVER))


def _kinds(personal: Sheet) -> Whole:
    """What kind of offer each personal candidate is, (n, P): a device, a discount or extras."""
    terms = personal.priced.terms
    kind = np.where(terms.discount_cents > 0, KINDS.index("discount"), KINDS.index("extras"))
    return np.where(terms.device != NONE, KINDS.index("device"), kind)


def entitlements(listed: Sheet, row: int) -> Whole:
    """The columns of one customer's dues: entitlements that nothing refuses."""
    return np.flatnonzero((listed.refused[row] == 0) & listed.marks.entitlement[0])
