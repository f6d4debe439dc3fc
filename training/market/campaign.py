"""The experiment: who is called, with which terms, by chance alone; what they answer, and what it changes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.market.catalogue import EXTRAS
from training.market.devices import NO_DEVICE
from training.market.lines import months_later, take
from training.market.people import Table
from training.market.terms import Terms, draw_terms
from training.market.weighing import Offered, mood_eur, weigh
from training.market.world import Numbers, World, give_device

CONTROL, BARE_CALL, OFFER_CALL = 0, 1, 2
NOT_ANSWERED, ACCEPTED, DECLINED, NOTHING_OFFERED, NOT_CALLED = 0, 1, 2, 3, 4
REACTIONS = ("injoignable", "accepte", "refuse", "sans_offre", "")
LAST_CALL_DAY = 7  # weekdays from the 2nd to the 7th: between the holidays of early May and of November


@dataclass(frozen=True)
class Wave:
    """One wave of the experiment, a row a contract drawn into it [n]."""

    serial: NDArray[np.int64]
    day: NDArray[np.datetime64]
    arm: NDArray[np.int64]
    terms: Terms
    probability: Numbers
    reaction: NDArray[np.int64]
    reason: NDArray[np.int64]


def run_wave(lines: Table, world: World) -> Wave:
    """Draws a wave over the lines [N] and makes its calls; what was accepted or refused is written on the lines."""
    rng, truth = world.rng, world.truth
    drawn = np.flatnonzero((rng.random(len(lines["town"])) < truth.experiment_share) & ~lines["objects"])
    n = len(drawn)
    arm = rng.choice(len(truth.arms), n, p=truth.arm_shares)
    terms = draw_terms(rng, n, world.month)
    reached = (arm != CONTROL) & (rng.random(n) < truth.reached_share)
    reaction, reason = _answer(take(lines, drawn), terms, world)
    reaction = np.where(arm == BARE_CALL, NOTHING_OFFERED, reaction)
    reaction = np.where(reached, reaction, np.where(arm == CONTROL, NOT_CALLED, NOT_ANSWERED))
    lines["calls_out"][drawn, 0] += arm != CONTROL
    lines["called"][drawn[reached]] = len(truth.call_remembered) - 1
    _write_down(lines, drawn, reaction, terms, world)
    chance = np.array(truth.arm_shares)[arm] * np.where(arm == OFFER_CALL, terms.probability, 1.0)
    return Wave(
        serial=lines["serial"][drawn], day=_call_days(rng, n, world.today), arm=arm, terms=terms, probability=chance,
        reaction=reaction, reason=np.where(reaction == DECLINED, reason, -1),
    )  # fmt: skip


def _call_days(rng: np.random.Generator, n: int, first: np.datetime64) -> NDArray[np.datetime64]:
    days = first + np.arange(1, LAST_CALL_DAY)
    return rng.choice(days[np.is_busday(days)], n)


def _answer(lines: Table, terms: Terms, world: World) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    gifts_eur, hurts_eur = weigh(lines, _offered(terms), world)
    accepts = gifts_eur + mood_eur(len(gifts_eur), world) > hurts_eur.sum(axis=0)
    return np.where(accepts, ACCEPTED, DECLINED), np.argmax(hurts_eur, axis=0)


def _offered(terms: Terms) -> Offered:
    lasts = np.maximum(terms.months, 12)
    return Offered(
        device=terms.device,
        top_up_eur=terms.top_up_eur,
        months=terms.months,
        discount_eur=terms.discount_eur,
        discount_months=lasts,
        extras=terms.extra[:, None] == np.arange(len(EXTRAS)),
        extras_months=lasts,
        credit_eur=terms.credit_eur,
    )


def _write_down(
    lines: Table, drawn: NDArray[np.int64], reaction: NDArray[np.int64], terms: Terms, world: World
) -> None:
    declined = drawn[reaction == DECLINED]
    lines["refused"][declined, 0] += 1
    yes = reaction == ACCEPTED
    who, months = drawn[yes], terms.months[yes]
    lines["refused"][who] = 0
    today = np.full(len(who), world.today)
    bound = months > 0
    lines["commitment_end"][who[bound]] = months_later(today, months)[bound]
    lines["discount_eur"][who] = np.where(
        terms.discount_eur[yes] > 0, terms.discount_eur[yes], lines["discount_eur"][who]
    )
    new_end = np.where(
        terms.discount_eur[yes] > 0, months_later(today, np.maximum(months, 12)), lines["discount_end"][who]
    )
    lines["discount_end"][who] = new_end
    device = np.full(len(lines["town"]), NO_DEVICE)
    device[who] = terms.device[yes]
    lines["subsidised"] |= device != NO_DEVICE
    give_device(lines, device != NO_DEVICE, device, world)
