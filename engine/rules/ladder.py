"""Rules of what the case remembers: promises kept first, refused offers never back, better each time, and an end.

A case that remembers nothing costs nothing here: such a rule holds for everybody at once.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.catalogue import Catalogue, terms_spelled
from engine.fields import NOTHING_REFUSED_MICRO
from engine.question import Sheet
from engine.rules.law import EVERYWHERE


def no_promise_is_broken(sheet: Sheet) -> Any:
    """Keep what was promised first: while a promise is not kept nothing is offered for sale."""
    return (sheet.question.facts["unkept_promise"] == "")[:, None]


def stays_within_the_account(sheet: Sheet) -> Any:
    """The concession, with those accepted on the customer's lines, is no deeper than an account may hold."""
    granted = sheet.question.facts["account_granted_cents"][:, None]
    limit = sheet.question.in_force.policy["account_depth_cents"]
    return (np.maximum(sheet.priced.depth_cents, 0) + granted <= limit) | sheet.marks.entitlement


def comes_before_the_end(sheet: Sheet) -> Any:
    """The ladder ends: after so many refusals nothing is offered but what is due."""
    steps, most = sheet.question.facts["steps_taken"], sheet.question.in_force.policy["ladder_steps"]
    climbs = steps < most
    return EVERYWHERE if climbs.all() else climbs[:, None] | sheet.marks.entitlement


def was_not_refused(sheet: Sheet) -> Any:
    """Neither these terms nor their device were refused in this round; a due is a due, a wish only itself."""
    facts = sheet.question.facts
    offers, devices = facts["refused_offers"], facts["unwanted_devices"]
    if not (any(offers) or any(devices)):
        return EVERYWHERE
    holds = np.ones(sheet.refused.shape, dtype=bool)
    for row, (refused, unwanted) in enumerate(zip(offers, devices, strict=True)):
        if refused:
            holds[row, _columns_of(sheet, row, set(refused))] = False
        if unwanted:
            holds[row] &= ~_sells(sheet, row, unwanted)
    return holds | sheet.marks.entitlement


def is_better_than_what_was_refused(sheet: Sheet) -> Any:
    """Worth more to the customer than every refused offer, or asked for, or due; without a profile nothing is weighed.

    Who names what they want, after a refusal, says what it is worth to them better than any belief.
    """
    least = sheet.question.facts["least_worth_micro"]
    if (least == NOTHING_REFUSED_MICRO).all():
        return EVERYWHERE
    better = (sheet.surplus_micro > least[:, None]) | (least == NOTHING_REFUSED_MICRO)[:, None]
    return better | sheet.asked_for | sheet.marks.entitlement | ~sheet.question.profiled[:, None]


def _columns_of(sheet: Sheet, row: int, refused: set[str]) -> list[int]:
    """The columns in which one customer's refused offers stand, or the same terms under another name."""
    catalogue, terms = sheet.question.in_force.catalogue, sheet.priced.terms
    spelled = {terms_spelled(name) for name in refused} if sheet.listed else set()
    found = [column for each in spelled for column in catalogue.columns_of_terms.get(each, ())]
    others = range(sheet.listed, sheet.refused.shape[1])
    return found + [column for column in others if refused_as(catalogue, terms.at(row, column), refused)]


def refused_as(catalogue: Catalogue, terms: Mapping[str, int], refused: Iterable[str]) -> list[str]:
    """Those of the refused offers, by their ids, that are these terms to a customer, whatever template they came from.

    A wish is only itself: who asks for something in so many words means it, also after having refused it unasked.
    """
    mine = catalogue.id_of(terms)
    if terms["template"] == catalogue.wish_template:
        return [name for name in refused if name == mine]
    return [name for name in refused if terms_spelled(name) == terms_spelled(mine)]


def _sells(sheet: Sheet, row: int, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which candidates of one customer sell one of these devices, [C]."""
    index, device = sheet.question.in_force.catalogue.device_index, sheet.priced.terms.device
    return np.isin(device[row if len(device) > 1 else 0], [index[name] for name in names if name in index])
