"""The experiment: who is called, with which terms, by chance alone; what they answer, and what it changes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.market.devices import DEVICE_PRICES_EUR, FAMILY_OF_DEVICE, IS_IOS, NO_DEVICE
from training.market.lines import months_later, take
from training.market.people import Table
from training.market.terms import Terms, draw_terms
from training.market.world import ALLOWANCE_MB, Numbers, World, device_need, give_device

CONTROL, BARE_CALL, OFFER_CALL = 0, 1, 2
NOT_ANSWERED, ACCEPTED, DECLINED, NOTHING_OFFERED, NOT_CALLED = 0, 1, 2, 3, 4
REACTIONS = ("injoignable", "accepte", "refuse", "sans_offre", "")
REASONS = ("reste_a_payer", "engagement", "panne_non_resolue", "mefiance", "pas_interesse", "autre_modele")
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
    truth, rng = world.truth, world.rng
    device_eur = _device_worth_eur(lines, terms, world)
    costs = np.stack(
        [
            terms.top_up_eur,
            lines["bond_eur"] * terms.months**truth.bond_power / 2.0,
            truth.fault_eur * lines["anger"],
            np.where(lines["wary"], truth.wary_hassle_eur, 0.0),
            np.full(len(device_eur), truth.phone_hassle_eur),
            np.where((terms.device != NO_DEVICE) & (device_eur < 60.0), 60.0, 0.0),
        ]
    )
    gifts = device_eur + _discount_worth_eur(terms, truth.discount_power) + _extra_worth_eur(lines, terms)
    mood = 0.7 * truth.mood_eur * rng.standard_t(truth.mood_degrees, len(gifts))
    accepts = gifts + terms.credit_eur + mood > costs.sum(axis=0)
    return np.where(accepts, ACCEPTED, DECLINED), np.argmax(costs, axis=0)


def _device_worth_eur(lines: Table, terms: Terms, world: World) -> Numbers:
    price = DEVICE_PRICES_EUR[terms.device]
    same_brand = IS_IOS[FAMILY_OF_DEVICE[terms.device]] == lines["ios"]
    liking = np.where(same_brand, 1.0, world.truth.other_brand_share)
    worth = lines["device_eur"] * (0.35 + device_need(lines, world)) * liking * (price / 450.0) ** 0.6
    return np.where(terms.device == NO_DEVICE, 0.0, np.minimum(worth, price))


def _discount_worth_eur(terms: Terms, power: float) -> Numbers:
    return (terms.discount_eur * np.maximum(terms.months, 12)) ** power


def _extra_worth_eur(lines: Table, terms: Terms) -> Numbers:
    short = np.clip(lines["data_mb"] / ALLOWANCE_MB[lines["tariff"]] - 0.6, 0.0, 1.0)
    abroad = np.minimum(lines["abroad_minutes"], 60.0)
    watches = np.array([0.5, 2.0, 1.0, 4.0])[lines["kind"]]
    monthly = np.stack(
        [0.002 * lines["sms"], 0.008 * np.minimum(lines["sms"], 300.0), 2.0 * short, 4.5 * short, 7.0 * short,
         0.10 * abroad, 0.06 * abroad + 0.2, watches]
    )  # fmt: skip
    worth = monthly[terms.extra, np.arange(len(short))] * np.maximum(terms.months, 12)
    return np.where(terms.extra < 0, 0.0, worth)


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
