"""What customers ask for, and by how much terms pass it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.fields import NO_LIMIT
from engine.rulebook import InForce
from engine.tables import Cases
from engine.terms import NONE, Terms, Truth, Whole

UNLIMITED = 2**40
ASKED = ("wants_device", "wants_needs", "price_cents")
LIMITS = ("wants_max_commitment_months", "wants_max_monthly_cents", "wants_max_upfront_cents")


@dataclass(frozen=True)
class Wish:
    """What each customer asks for, as columns (n, 1); a limit not said is UNLIMITED.

    `named` [n]: something is asked for; `stated` [n]: and the catalogue knows all of it, so that it can be granted.
    """

    named: Truth
    stated: Truth
    device: Whole
    needs: Whole
    max_commitment_months: Whole
    max_monthly_cents: Whole
    max_upfront_cents: Whole


def read_wishes(cases: Cases, in_force: InForce) -> Wish:
    """The wishes of n customers. Raises nothing: what the catalogue does not know is named, not stated."""
    columns = (cases[name].tolist() for name in (*ASKED, *LIMITS))
    wishes = [_read_wish(in_force, *said) for said in zip(*columns, strict=True)]
    named, stated, *others = np.array(wishes, dtype=np.int64).reshape(-1, 7).T
    return Wish(named > 0, stated > 0, *(column[:, None] for column in others))


def _read_wish(in_force: InForce, device: str, needs: Iterable[str], price: int, *limits: int) -> tuple[int, ...]:
    """One wish in the order of the columns of `Wish`."""
    catalogue = in_force.catalogue
    commitment, monthly, upfront = (UNLIMITED if limit == NO_LIMIT else limit for limit in limits)
    index = catalogue.device_index.get(device, NONE)
    bits = sum(1 << catalogue.extra_bit[name] for name in set(needs) if name in catalogue.extra_bit)
    unknown = bool(unknown_names(in_force, device, needs))
    named = unknown or index != NONE or bits > 0 or monthly < price
    return named, named and not unknown, index, bits, commitment, monthly, upfront


def unknown_names(in_force: InForce, device: str, needs: Iterable[str]) -> list[str]:
    """What one customer asks for that the catalogue does not know."""
    catalogue = in_force.catalogue
    unknown = [device] if device and device not in catalogue.device_index else []
    return unknown + [name for name in needs if name not in catalogue.extra_bit]


def overshoot(wish: Wish, terms: Terms, price_cents: Whole) -> tuple[Whole, Whole, Whole]:
    """By how much terms pass the wish: months, cents a month, cents upfront; each (n, C), 0 where within."""
    return (
        np.maximum(terms.commitment_months - wish.max_commitment_months, 0),
        np.maximum(price_cents - terms.discount_cents - wish.max_monthly_cents, 0),
        np.maximum(terms.top_up_cents - wish.max_upfront_cents, 0),
    )


def asked_for(wish: Wish, terms: Terms, price_cents: Whole) -> Truth:
    """Whether terms hold everything a customer asked for, within every limit they stated, (n, C)."""
    if not wish.stated.any():
        return np.zeros((len(wish.stated), terms.extras.shape[1]), dtype=bool)
    holds = ((wish.device == NONE) | (wish.device == terms.device)) & ((terms.extras & wish.needs) == wish.needs)
    holds &= (terms.commitment_months <= wish.max_commitment_months) & (terms.top_up_cents <= wish.max_upfront_cents)
    return holds & (terms.discount_cents >= price_cents - wish.max_monthly_cents) & wish.stated[:, None]
