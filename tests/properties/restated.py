"""A stated explanation applied to the question itself, without the code that found it, and the question asked again."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import Any

import numpy as np

from engine.answers import writers_of
from engine.check import check
from engine.decide import Decisions, decide
from engine.explanation.supposing import Matter, matter_of
from engine.explanation.write import write_why_not
from engine.offers import offer_id
from engine.policy import ROLES_THAT_OFFER
from engine.rulebook import Rulebook
from engine.rules import refusing_rules
from engine.tables import MICRO
from tests.properties.customers import Asker, cases_of, scores_of
from tests.properties.rulebooks import World
from tests.slow_reference.customer import NOTHING_REFUSED, remaining_months, tenure_months

Told = dict[str, Any]
TERMS = {
    "top_up_cents",
    "discount_cents",
    "credit_cents",
    "commitment_months",
    "extras",
    "trade_in",
    "twin",
}
DOWN_TO_THE_UNIT = {"cents": 1, "months": 1, "count": 1}
LARGEST_SHIFT_DAYS = 12_000


@dataclass(frozen=True)
class Asked:
    """One candidate of one random question."""

    world: World
    rulebook: Rulebook
    asker: Asker
    candidate: str

    @cached_property
    def decisions(self) -> Decisions:
        """The question, decided."""
        return decide(cases_of([self.asker]), scores_of([self.asker]), self.rulebook, self.world.today)

    @cached_property
    def matter(self) -> Matter:
        """The candidate, to be explained."""
        found = matter_of(
            cases_of([self.asker]), scores_of([self.asker]), self.rulebook, self.world.today, self.candidate
        )
        assert found is not None
        return found

    def told(self) -> Told:
        """The explanation, as a manager reads it."""
        return write_why_not(self.matter, "manager", writers_of(self.matter.in_force))

    def verdict(self) -> list[str] | None:
        """The rules that refuse the candidate as it stands in the decision; None where it no longer does."""
        page, row = self.decisions.at(0)
        sheet = page.sheet
        for column in range(sheet.refused.shape[1]):
            there = np.broadcast_to(sheet.candidates.exists, sheet.refused.shape)[row, column]
            if there and offer_id(sheet, row, column) == self.candidate:
                return refusing_rules(int(sheet.refused[row, column]))
        return None

    def verdict_on(self, terms: Mapping[str, Any]) -> list[str]:
        """The rules that refuse other terms, as an agent would compose them."""
        cases, scores = cases_of([self.asker]), scores_of([self.asker])
        return check(cases, scores, self.rulebook, self.world.today, [terms]).rules(0)


def candidates_of(world: World, askers: list[Asker], random: Random, most: int) -> Iterator[Asked]:
    """Some refused candidates of each customer, drawn at random."""
    rulebook = world.rulebook
    for asker in askers:
        first = Asked(world, rulebook, asker, "")
        page, row = first.decisions.at(0)
        sheet = page.sheet
        exists = np.broadcast_to(sheet.candidates.exists, sheet.refused.shape)[row]
        refused = [int(column) for column in np.flatnonzero(exists & (sheet.refused[row] != 0))]
        for column in random.sample(refused, min(most, len(refused))):
            yield replace(first, candidate=offer_id(sheet, row, column))


def applied(asked: Asked, changes: list[Told]) -> Asked:
    """The question with the stated facts instead of those on file; the terms are another matter."""
    for change in changes:
        if change["name"] not in TERMS:
            asked = _apply(asked, change["name"], change["to"])
    return asked


def outcome(asked: Asked, told: Told, changes: list[Told], terms: Mapping[str, Any]) -> list[str]:
    """The rules that refuse the candidate once the stated changes are made."""
    changed = applied(asked, changes)
    if TERMS.isdisjoint(change["name"] for change in changes):
        verdict = changed.verdict()
        return changed.verdict_on(told["offer"]) if verdict is None else verdict
    return changed.verdict_on(terms)


def _apply(asked: Asked, name: str, to: Any) -> Asked:
    facts, today = asked.asker.facts, asked.world.today
    if name == "tenure_months":
        return _facts(asked, customer_since=_day_on_which(asked, "customer_since", tenure_months, to))
    if name == "remaining_months":
        return _facts(asked, commitment_end=_day_on_which(asked, "commitment_end", remaining_months, to))
    if name in ("customer_since", "commitment_end"):
        return _facts(asked, **{name: datetime.date.fromisoformat(to)})
    if name == "call_at":
        moment = datetime.datetime.fromisoformat(to)
        return _facts(asked, call_on=moment.date(), call_minute=moment.hour * 60 + moment.minute)
    if name == "p_churn":
        return replace(asked, asker=replace(asked.asker, p_churn=round(to * MICRO) / MICRO))
    if name == "stock":
        return _stocked(asked)
    if name == "refused":
        of_a_wish, device = asked.candidate.startswith("wish."), _device_of(asked)
        same = {asked.candidate} if of_a_wish else {one for one in facts["refused_offers"] if _same_terms(asked, one)}
        return _facts(
            asked,
            refused_offers=tuple(one for one in facts["refused_offers"] if one not in same),
            unwanted_devices=tuple(one for one in facts["unwanted_devices"] if one != device),
        )
    if name == "better_refused":
        return _facts(asked, least_worth_micro=NOTHING_REFUSED)
    if name == "asked_for":
        offer = asked.told()["offer"]
        wish = {"wants_device": offer["device"]} if offer["device"] else {"wants_needs": tuple(offer["extras"])}
        return _facts(asked, **wish)
    assert name in facts, f"{name} is not a fact, today {today}"
    return _facts(asked, **{name: to})


def _same_terms(asked: Asked, offer_id: str) -> bool:
    return offer_id.split(".")[1:] == asked.candidate.split(".")[1:]


def _facts(asked: Asked, **facts: Any) -> Asked:
    return Asked(
        asked.world, asked.rulebook, replace(asked.asker, facts={**asked.asker.facts, **facts}), asked.candidate
    )


def _device_of(asked: Asked) -> str:
    return str(asked.told()["offer"]["device"] or "")


def _stocked(asked: Asked) -> Asked:
    device, world = _device_of(asked), asked.world
    devices = world.documents["devices.toml"]
    stocked = {**world.documents, "devices.toml": {**devices, device: {**devices[device], "stock": 1}}}
    other = replace(world, documents=stocked)
    left = tuple(one for one in asked.asker.facts["sold_out"] if one != device)
    return _facts(Asked(other, other.rulebook, asked.asker, asked.candidate), sold_out=left)


def _day_on_which(asked: Asked, field: str, months: Any, to: int) -> datetime.date:
    """A day by which the slow reference counts so many months."""
    today = asked.world.today
    sign = -1 if field == "customer_since" else 1
    for shift in range(max(0, 28 * to - 40), 31 * to + 62):
        try:
            found = today + sign * datetime.timedelta(shift)
        except OverflowError:
            break
        customer = replace(asked.asker, facts={**asked.asker.facts, field: found}).for_reference()
        if months(customer, today) == to:
            return found
    raise AssertionError(f"no day counts {to} months of {field}")


def one_less(change: Told) -> Told | None:
    """The same change a cent, a month or a step short; None where there is no such step, or where it is no change."""
    now, to = change["from"], change["to"]
    if change["unit"] == "role":
        rank = ROLES_THAT_OFFER.index(to) - 1
        return {**change, "to": ROLES_THAT_OFFER[rank]} if rank >= 0 and ROLES_THAT_OFFER[rank] != now else None
    if change["unit"] == "share":
        step = round(to * MICRO) - 1
        return {**change, "to": step / MICRO} if step > round(now * MICRO) else None
    if change["unit"] not in DOWN_TO_THE_UNIT or change["name"] in ("commitment_months", "stock"):
        return None
    step = to - 1 if to > now else to + 1
    return {**change, "to": step} if step != now else None
