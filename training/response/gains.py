"""What was offered in each contact, term by term, in the log-odds that policy's priors state for it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.catalogue import Catalogue
from engine.felt import FIRST_MONTHS, term_names
from engine.policy import Policy
from engine.terms import COMMITMENT, DEVICE, MONEY, NONE
from intake.contacts import Contacts

OTHER_DEVICE = "other"
TRADE_IN_LOG_WORTH = -0.7
"""A device that is taken back was worth something to its owner: about half of what is credited, before any is seen."""
TASTE_OF_THE_FIRST = (MONEY, MONEY, MONEY, MONEY, COMMITMENT, COMMITMENT)


@dataclass(frozen=True)
class Gains:
    """`log_odds` [n, A] that each of `names` adds by the priors, and the line of gains each belongs to [A].

    `believed` [A]: the logarithm of what each is believed to count beside its stated worth, before any contact.
    """

    names: tuple[str, ...]
    taste_of: NDArray[np.int64]
    log_odds: NDArray[np.float64]
    believed: NDArray[np.float64]


def stated_gains(contacts: Contacts, catalogue: Catalogue, policy: Policy) -> Gains:
    """The gains of n contacts; a device that the catalogue no longer knows counts by its price, as any other."""
    terms = {name: column[0] for name, column in vars(contacts.terms).items()}
    months, goods = policy["worth_months"], catalogue.goods
    discounted = terms["discount_cents"] * np.minimum(terms["discount_months"], months)
    taken_back = goods.trade_in_credit_cents[terms["trade_in"]]
    first = np.minimum(terms["commitment_months"], FIRST_MONTHS)
    bound = -policy["commitment_worth_cents"] * months
    money = [-terms["top_up_cents"], discounted, terms["credit_cents"], taken_back]
    columns = [*money, bound * first, bound * (terms["commitment_months"] - first)]
    tastes = list(TASTE_OF_THE_FIRST)
    price = contacts.device_price_cents[0]
    worth = price * policy["device_worth_share"]
    known = np.where(price > 0, terms["device"], len(goods.device_ids))
    for device in (*range(len(goods.device_ids)), NONE):
        columns.append(worth * (known == device))
        tastes.append(DEVICE)
    lasts = np.minimum(contacts.terms.extras_months[0], months)
    for bit in range(len(goods.extra_ids)):
        stated = goods.extras_worth_cents[:, 2**bit]
        columns.append((terms["extras"] >> bit & 1) * stated.sum() * lasts)
        tastes.append(1 + int(stated.argmax()))
    names = term_names((*goods.device_ids, OTHER_DEVICE), goods.extra_ids)
    log_odds = np.stack(columns, axis=1) * (policy["euro_log_odds"] / (100 * months))
    believed = np.where(np.array(names) == "trade_in", TRADE_IN_LOG_WORTH, 0.0)
    return Gains(names, np.array(tastes), log_odds, believed)
