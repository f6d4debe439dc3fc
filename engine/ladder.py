"""What one round of refusals leaves behind: new beliefs, what is not offered again, and the limits that were stated."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.beliefs import Refusals, believe
from engine.choice import surplus_micro
from engine.composed import Plain, read_composed, unknown_parts
from engine.decide import Mood, read_mood, read_question
from engine.felt import felt_gains, read_points
from engine.fields import NO_LIMIT, NOTHING_REFUSED_MICRO, WANTS
from engine.policy import COMMITMENTS
from engine.question import Question
from engine.rulebook import Rulebook
from engine.tables import Cases, Scores
from engine.terms import DEVICE, Priced, Terms, Whole, price
from engine.wish import asked_for


@dataclass(frozen=True)
class Heard:
    """One refusal: the offer as the answer described it, the reason, and what was newly stated, by the names of WANTS.

    `reason` is one of `engine.fields.REASONS_FOR_REFUSAL`.
    """

    offer: Plain
    reason: str
    wants: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Remembered:
    """What to ask next with: `fields`, wants and memory of the ladder by the names of engine.fields; and scores."""

    fields: dict[str, Any]
    scores: Scores


def remember(
    cases: Cases, scores: Scores, rulebook: Rulebook, today: datetime.date, heard: Sequence[Heard]
) -> Remembered:
    """What one customer's refusals of this round, in their order, leave behind; `cases` and `scores` hold one row.

    The case holds the wants from before the round, the scores the tastes that the facts alone tell. After an objection
    to profiling nothing is believed. An offer that names what the rulebook no longer has is remembered by its id alone.
    """
    question = read_question(cases, rulebook.as_of(today), today)
    unwanted = unwanted_devices(heard)
    memory = {
        **wants_after({want.name: _plain(question.facts[want.name][0]) for want in WANTS}, heard),
        "refused_offers": tuple(dict.fromkeys(str(one.offer["offer_id"]) for one in heard)),
        "unwanted_devices": unwanted,
        "steps_taken": len(heard),
        "least_worth_micro": NOTHING_REFUSED_MICRO,
    }
    weighable = [one for one in heard if not unknown_parts(one.offer, question.in_force.catalogue)]
    if not weighable or not question.profiled[0]:
        return Remembered(memory, scores)
    policy, mood = question.in_force.policy, read_mood(question, scores)
    catalogue = question.in_force.catalogue
    priced, asked = _priced(question, mood, weighable)
    reasons = tuple(one.reason for one in weighable)
    believed = believe(Refusals(priced, catalogue, asked, mood.leaving_log_odds, reasons), scores, policy)
    worthless = np.array([[one.offer.get("device") in unwanted for one in weighable]])
    tastes = read_points(believed, catalogue).mean_micro
    memory["least_worth_micro"] = _best_refused_micro(priced, worthless, tastes, policy["worth_months"])
    return Remembered(memory, believed)


def limits_stated(offer: Plain, reason: str) -> dict[str, Any]:
    """The limit that a reason states, by the names of WANTS: a shorter commitment, or a cent less to pay upfront."""
    months, top_up = offer["commitment_months"], offer["top_up_cents"]
    if reason == "commitment_too_long" and months > 0:
        return {"wants_max_commitment_months": max(shorter for shorter in COMMITMENTS if shorter < months)}
    if reason == "top_up_too_high" and top_up > 0:
        return {"wants_max_upfront_cents": top_up - 1}
    return {}


def unwanted_devices(heard: Sequence[Heard]) -> tuple[str, ...]:
    """The devices that were refused for being the wrong one; who asks for one of them later wants it after all."""
    unwanted: dict[str, None] = {}
    for one in heard:
        if one.reason == "not_the_device_i_want" and one.offer["device"]:
            unwanted[one.offer["device"]] = None
        unwanted.pop(one.wants.get("wants_device", ""), None)
    return tuple(unwanted)


def wants_after(wants: Mapping[str, Any], heard: Sequence[Heard]) -> dict[str, Any]:
    """What is wanted after refusals, by the names of WANTS: limits only narrow, and what was said in words holds."""
    said = dict(wants)
    for one in heard:
        for name, limit in limits_stated(one.offer, one.reason).items():
            said[name] = limit if said[name] == NO_LIMIT else min(said[name], limit)
        if one.reason == "not_the_device_i_want" and said["wants_device"] == one.offer["device"]:
            said["wants_device"] = ""
        said |= one.wants
    return said


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _priced(question: Question, mood: Mood, heard: Sequence[Heard]) -> tuple[Priced, NDArray[np.bool_]]:
    """The refused offers of one customer under the rulebook of the day, as felt, and which were asked for, (1, H)."""
    columns = vars(read_composed([one.offer for one in heard], question.in_force).terms)
    terms = Terms(**{name: column.T for name, column in columns.items()})
    catalogue, policy = question.in_force.catalogue, question.in_force.policy
    priced, _ = price(terms, catalogue.goods, policy, question.in_force.law.vat_micro)
    priced = replace(priced, gains_cents=felt_gains(priced, catalogue, policy, mood.points.felt_micro))
    return priced, asked_for(question.wish, terms, question.tariffs.price_cents)


def _best_refused_micro(priced: Priced, worthless: NDArray[np.bool_], tastes: Whole, worth_months: int) -> int:
    """What the best of the refused offers is worth to the customer; a device that is not wanted is worth nothing."""
    gains = priced.gains_cents.copy()
    gains[DEVICE] = np.where(worthless, 0, gains[DEVICE])
    return int(surplus_micro(gains, tastes, worth_months).max())
