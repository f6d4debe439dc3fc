"""Money in whole cents: the one rounding between a price with VAT and a price without, and its inverse."""

from typing import Any

import numpy as np

from engine.tables import MICRO


def net_of_vat(gross_cents: Any, vat_micro: int) -> Any:
    """The price net of VAT, half up, of prices including VAT >= 0; any shape, cents."""
    divisor = MICRO + vat_micro
    return (2 * MICRO * gross_cents + divisor) // (2 * divisor)


def smallest_gross(net_cents: Any, vat_micro: int) -> Any:
    """The smallest price including VAT, at least 0, whose net price reaches `net_cents`; any shape, cents."""
    divisor = MICRO + vat_micro
    return np.maximum(-((-(2 * net_cents - 1) * divisor) // (2 * MICRO)), 0)


def share_of(cents: Any, share_micro: Any) -> Any:
    """A cap that is a share of an amount >= 0, rounded down so that it stays a cap; any shape, cents."""
    return cents * share_micro // MICRO


def half_up(amount: Any, unit: int) -> Any:
    """The quotient by a positive unit, rounded half up (towards plus infinity), in whole numbers; any shape."""
    return (2 * amount + unit) // (2 * unit)
