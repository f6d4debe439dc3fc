"""What a contact came to, in cents, by the economics of policy.toml: the same that promise a value promise it here."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.exits import LONGEST_COMMITMENT_MONTHS
from engine.margin import Tariff, tariff
from engine.money import half_up, net_of_vat
from engine.rulebook import InForce
from engine.tables import MICRO, Cases
from engine.terms import NONE, Terms, Whole, price
from engine.value import Outlooks, accepted_cents, outlooks, prospects
from intake.contacts import ACCEPTED, CONTROL, OFFERED, Contacts
from training.evaluation.intervals import Numbers
from training.value.worth import leaver_within

Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Done:
    """What is done with n customers: who is `contacted`, who is `offered` something, and its terms (n, 1).

    `device_price_cents` [n] is what an offered device costs in the shop, 0 for none: the catalogue may not know it.
    """

    contacted: Truth
    offered: Truth
    terms: Terms
    device_price_cents: Whole


@dataclass(frozen=True)
class Worth:
    """What each way in which it may end is worth for n customers [n], in cents, contact cost included."""

    accepted: Numbers
    accepted_and_left: Numbers
    stayed: Numbers
    left: Numbers


def done_in(contacts: Contacts) -> Done:
    """What was done in a history of contacts; a discount counts for no longer than the kernel knows commitments."""
    terms = Terms(*(column.T for column in vars(contacts.terms).values()))
    terms = replace(terms, discount_months=np.minimum(terms.discount_months, LONGEST_COMMITMENT_MONTHS))
    return Done(
        contacted=contacts.group != CONTROL,
        offered=contacts.group == OFFERED,
        terms=terms,
        device_price_cents=contacts.device_price_cents[0],
    )


def realised_cents(contacts: Contacts, worth: Worth) -> Numbers:
    """What each contact came to, [n]: left counts within the window of the file."""
    accepted = contacts.reaction == ACCEPTED
    took = np.where(contacts.left, worth.accepted_and_left, worth.accepted)
    return np.where(accepted, took, np.where(contacts.left, worth.left, worth.stayed))


def worth_of(done: Done, cases: Cases, window_months: int, in_force: InForce) -> Worth:
    """The worth of every end of what is done.

    Who stays without accepting is a refuser where something was offered. Who leaves within the window after accepting
    has cost what is given once and, for the months they stay, each month. A device that devices.toml no longer knows is
    taken to cost the share of its shop price that its devices cost.
    """
    policy, vat = in_force.policy, in_force.law.vat_micro
    tariffs = tariff(cases["price_cents"], cases["cost_to_serve_cents"], vat)
    ahead = outlooks(policy, np.full(cases.rows, window_months))
    others = prospects(tariffs, ahead, np.zeros((cases.rows, 1), dtype=np.int64), np.zeros(1, dtype=np.int64))
    priced, monthly = price(done.terms, in_force.catalogue.goods, policy, vat)
    once = priced.once_cents[:, 0] - _unknown_devices_cents(done, in_force)
    within = leaver_within(policy, window_months)
    given = monthly.discount_net_cents * within[monthly.discount_months]
    given = given + monthly.extras_cost_cents * within[monthly.extras_months]
    leaves = others.leaves[:, 0]
    stays = np.where(done.offered, others.stays_after_refusing[:, 0], others.nothing[:, 0])
    contact = np.where(done.contacted, policy["contact_cost_cents"], 0)
    return Worth(
        accepted=(_accepted(tariffs, done, ahead, in_force) + once - contact).astype(np.float64),
        accepted_and_left=(leaves + once - half_up(given[:, 0], MICRO) - contact).astype(np.float64),
        stayed=(stays - contact).astype(np.float64),
        left=(leaves - contact).astype(np.float64),
    )


def _accepted(tariffs: Tariff, done: Done, ahead: Outlooks, in_force: InForce) -> Whole:
    _, monthly = price(done.terms, in_force.catalogue.goods, in_force.policy, in_force.law.vat_micro)
    return accepted_cents(tariffs, monthly, ahead)[:, 0]


def _unknown_devices_cents(done: Done, in_force: InForce) -> Whole:
    """What devices outside the catalogue cost, [n], net of VAT; 0 where there is none or the catalogue prices it."""
    goods, vat = in_force.catalogue.goods, in_force.law.vat_micro
    shop = net_of_vat(goods.device_price_cents[:NONE], vat)
    share = float(goods.device_cost_cents[:NONE].sum() / max(shop.sum(), 1))
    unknown = done.offered & (done.terms.device[:, 0] == NONE)
    cost = net_of_vat(np.where(unknown, done.device_price_cents, 0), vat) * share
    return np.rint(cost).astype(np.int64)
