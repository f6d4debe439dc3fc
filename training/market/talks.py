"""The talks of one day: who is reached, in what mood, who hangs up, and what is answered to what lies on the table."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.market.devices import DEVICE_IDS, NO_DEVICE
from training.market.future import TALK, world_ahead
from training.market.lines import take
from training.market.month import gain_of_leaving
from training.market.people import Table
from training.market.run import Market
from training.market.weighing import REASONS, Offered, mood_eur, weigh
from training.market.wishes import KEPT_MONTHS, draw_wishes
from training.market.world import Numbers, World

MOST_STEPS = 20


@dataclass(frozen=True)
class Talks:
    """What chance brings to a talk with each line [n]; one mood holds for the whole talk.

    `stays_on` [n, MOST_STEPS]: whether they are still there after so many refusals. `tells`: whether they say what they
    want when asked, where they have not got in touch and said it already; `wishes`: what that is.
    """

    lines: Table
    world: World
    reached: NDArray[np.bool_]
    mood_eur: Numbers
    stays_on: NDArray[np.bool_]
    tells: NDArray[np.bool_]
    wishes: Table

    def weigh(self, who: NDArray[np.int64], offered: Offered) -> tuple[Numbers, NDArray[np.object_]]:
        """(what each offer is worth to its customer, all told; what hurts most in it), for some of the lines [k].

        Who is offered something worth more than 0 accepts it.
        """
        gifts_eur, hurts_eur = weigh(take(self.lines, who), offered, self.world)
        worth_eur = gifts_eur + self.mood_eur[who] - hurts_eur.sum(axis=0)
        return worth_eur, np.array(REASONS, dtype=object)[np.argmax(hurts_eur, axis=0)]

    def wanted_device(self, who: int) -> str:
        """The device one of the lines wants; empty for none."""
        device = self.wishes["wish_device"][who]
        return "" if device == NO_DEVICE else str(DEVICE_IDS[device])


def talk_to(market: Market, lines: Table) -> Talks:
    """The talks with lines [n] on the last day of a market; the same whatever will be offered."""
    world, n = world_ahead(market, 1, TALK), len(lines["town"])
    truth, rng = world.truth, world.rng
    return Talks(
        lines=lines,
        world=world,
        reached=rng.random(n) < truth.reached_share,
        mood_eur=mood_eur(n, world),
        stays_on=np.logical_and.accumulate(rng.random((n, MOST_STEPS)) >= truth.hangs_up_share, axis=1),
        tells=(rng.random(n) < truth.tells_wish_share) & (lines["wish_age"] > KEPT_MONTHS),
        wishes=draw_wishes(lines, world, gain_of_leaving(lines, world)),
    )
