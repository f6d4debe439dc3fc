"""Rules of the house: margin, authority, stock, eligibility; their numbers lie in policy, offers and devices.toml."""

from typing import Any

import numpy as np

from engine.question import Sheet
from engine.terms import NONE


def stands_in_the_rulebook(sheet: Sheet) -> Any:
    """Template, device, extras and commitment are those of today; composed or older terms may name others."""
    return sheet.candidates.exists


def keeps_the_margin(sheet: Sheet) -> Any:
    """The secured margin reaches the floor in cents of its commitment."""
    return sheet.secured_cents >= sheet.priced.floor_cents


def keeps_the_share(sheet: Sheet) -> Any:
    """The secured margin reaches the floor as a share of net revenue; not tested without commitment."""
    return sheet.secured_cents >= sheet.months.share_floor_cents


def stays_within_authority(sheet: Sheet) -> Any:
    """The concession is no deeper than the asker's role may grant; an entitlement needs nobody's authority."""
    return (sheet.priced.depth_cents <= sheet.question.depth_limit_cents) | sheet.marks.entitlement


def is_in_stock(sheet: Sheet) -> Any:
    """A device that is promised is there."""
    there = sheet.priced.in_stock
    return there & _is_left(sheet) if any(sheet.question.facts["sold_out"]) else there


def _is_left(sheet: Sheet) -> Any:
    """Whether the device of each candidate is not among those sold out since the rulebook counted them, (n, C)."""
    catalogue, sold_out = sheet.question.in_force.catalogue, sheet.question.facts["sold_out"]
    left = np.ones((len(sold_out), len(catalogue.goods.stock)), dtype=bool)
    for row, names in enumerate(sold_out):
        left[row, [catalogue.device_index[name] for name in names if name in catalogue.device_index]] = False
    rows = np.arange(len(sold_out))[:, None]
    return left[rows, sheet.priced.terms.device]


def costs_no_more_than_in_the_shop(sheet: Sheet) -> Any:
    """A top-up is no higher than the price of the device without any commitment."""
    return sheet.priced.within_shop_price


def discounts_no_more_than_the_price(sheet: Sheet) -> Any:
    """A discount leaves a price of at least nothing."""
    return sheet.priced.terms.discount_cents <= sheet.question.tariffs.price_cents


def pays_for_its_months(sheet: Sheet) -> Any:
    """Without commitment, a month of discount and extras costs no more than it brings; a due is a due."""
    return (sheet.months.lacks_cents <= 0) | sheet.marks.entitlement


def keeps_the_current_commitment(sheet: Sheet) -> Any:
    """A new commitment does not end before the current one."""
    committed = sheet.priced.terms.commitment_months > 0
    return ~committed | (sheet.counted_months >= sheet.question.facts["remaining_months"][:, None])


def returns_the_device_in_use(sheet: Sheet) -> Any:
    """A trade-in takes back the very device the customer uses."""
    trade_in = sheet.priced.terms.trade_in
    return (trade_in == NONE) | (trade_in == sheet.question.device_in_use)


def meets_the_conditions(sheet: Sheet) -> Any:
    """The customer meets the conditions that the manager set on the offer."""
    eligible, template = sheet.question.eligible, sheet.priced.terms.template
    rows = np.arange(len(eligible))[:, None]
    return eligible.take(template[0], axis=1) if len(template) == 1 else eligible[rows, template]
