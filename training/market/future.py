"""How the story of a market goes on after its last day, with the same chances for everybody whatever was agreed.

Nobody is taken off the book: who has left pays nothing more, and the draws of the others do not move. So two futures
of one market differ only for the customers with whom something else was agreed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.market.devices import NO_DEVICE
from training.market.lines import months_later
from training.market.month import live_month
from training.market.people import Table
from training.market.rival import Rival, draw_rival
from training.market.run import Market
from training.market.weighing import Offered
from training.market.world import Numbers, World, bill_eur, exit_fee_eur, give_device

TALK, LIFE = 1, 2
HALF_A_MONTH = 0.5


@dataclass(frozen=True)
class Life:
    """What lines [n] live in several futures, month by month [months, futures, n].

    `present`: the share of the month they stayed; `bill_eur`: what a whole month cost; `exit_fee_eur`: what leaving
    cost them, in the month in which they left.
    """

    present: Numbers
    bill_eur: Numbers
    exit_fee_eur: Numbers


def world_ahead(market: Market, months: int, purpose: int) -> World:
    """The world from the market's last day on, with chances of its own for each purpose: TALK or LIFE."""
    span = len(market.months) - 1
    ahead = market.months[0] + np.arange(span + months + 1)
    rival = draw_rival(np.random.default_rng(market.seed).spawn(2)[1], ahead, market.truth)
    ours = Rival(rival.prices_eur[span:], rival.depth[span:])
    rng = np.random.default_rng([market.seed, purpose])
    return World(rng, market.truth, ahead[span:], ours, market.quality, market.rumour)


def live_on(market: Market, lines: Table, months: int, futures: int) -> Life:
    """The next months of some lines [n] of today's book, in several futures; `lines` stay as they are.

    Each line lives as if it stood alone; the rival's prices are the same in every future.
    """
    world, n = world_ahead(market, months, LIFE), len(lines["town"])
    lines = {name: np.concatenate([column] * futures) for name, column in lines.items()}
    here = np.ones(futures * n)
    present, bills, fees = np.zeros((3, months, futures * n))
    for month in range(months):
        world.now = month
        leaves, _ = live_month(lines, world)
        present[month] = here * np.where(leaves, HALF_A_MONTH, 1.0)
        bills[month] = bill_eur(lines, world.today)
        fees[month] = here * leaves * exit_fee_eur(lines, world)
        here = here * ~leaves
    return Life(*(column.reshape(months, futures, n) for column in (present, bills, fees)))


def copied(lines: Table) -> Table:
    """The same columns, free to change."""
    return {name: column.copy() for name, column in lines.items()}


def call(lines: Table, reached: NDArray[np.bool_], world: World) -> None:
    """Write on the lines [n], in place, who was reached by a call of ours: it will be remembered for some months."""
    lines["called"][reached] = len(world.truth.call_remembered) - 1


def agree(lines: Table, who: NDArray[np.int64], offered: Offered, world: World) -> None:
    """Write on some lines [k], in place, what each has accepted [k]; a discount comes beside the one that runs."""
    today, bound = np.full(len(who), world.today), offered.months > 0
    lines["commitment_end"][who[bound]] = months_later(today, offered.months)[bound]
    lines["granted_eur"][who] = offered.discount_eur
    lines["granted_end"][who] = months_later(today, offered.discount_months)
    device = np.full(len(lines["town"]), NO_DEVICE)
    device[who] = offered.device
    lines["subsidised"] |= device != NO_DEVICE
    give_device(lines, device != NO_DEVICE, device, world)
