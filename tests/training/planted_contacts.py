"""Contacts in which who accepts and who leaves is written here: what is learned of them can be held to it."""

from dataclasses import replace

import numpy as np

from engine.rulebook import InForce
from engine.terms import Terms
from intake.contacts import ACCEPTED, DECLINED, NONE, Contacts
from tests.training.drawn_contacts import DISCOUNTS, customers, history

NORTH, ELSEWHERE = "nord", "sud"


def planted_contacts(n: int, seed: int, in_force: InForce) -> Contacts:
    """A quarter left alone, the others offered a discount, 12 or 24 months, and one of two devices or none.

    A discount counts eight times as much in the north; who uses little shuns commitment, and leaves when called; the
    first device of the catalogue is liked, the second no more than none.
    """
    rng = np.random.default_rng(seed)
    cases, control = customers(n, rng), rng.random(n) < 0.25
    drawn = history(cases, np.where(control, 0, rng.choice(DISCOUNTS, n)), np.full(n, 0.1), rng)
    months, device = (np.where(control, none, rng.choice(some, n)) for none, some in ((0, [12, 24]), (-1, [-1, 0, 1])))
    north, little = drawn.features["region"] == NORTH, drawn.features["usage"] < 0
    liked = np.where(north, 0.004, 0.0005) * drawn.terms.discount_cents[0] + 2.0 * (device == 0)
    shunned = np.where(little, 2.5, 0.3) * months / 24
    accepted = ~control & (rng.random(n) < 1 / (1 + np.exp(1.5 - liked + shunned)))
    left = ~accepted & (rng.random(n) < 1 / (1 + np.exp(np.where(~control & little, 0.3, 2.5))))
    terms = {"commitment_months": months[None], "discount_months": months[None], "device": device[None]}
    return replace(
        drawn,
        terms=Terms(**vars(drawn.terms) | terms),
        device_price_cents=in_force.catalogue.goods.device_price_cents[device][None],
        reaction=np.where(control, NONE, np.where(accepted, ACCEPTED, DECLINED)),
        left=left,
    )
