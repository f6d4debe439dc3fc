"""The kernel beside the slow reference: every number, verdict and offer of one random world, and where they part."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from engine.answers import write_answer
from engine.decide import Decisions, decide
from engine.offers import cell, offer_id
from engine.question import Sheet
from engine.rules import refusing_rules
from tests.properties.customers import Asker, cases_of, random_askers, scores_of
from tests.properties.rulebooks import World, random_world
from tests.slow_reference.answer import Answer, answer
from tests.slow_reference.book import open_book
from tests.slow_reference.tariffs import best_tariff
from tests.slow_reference.verdicts import Judged

Verdicts = dict[str, dict[str, Any]]
Reading = dict[str, Any]
BEST_TARIFF = ("tariff", "monthly_cents", "saves_cents", "unknown")


@dataclass(frozen=True)
class Mismatch:
    """Where kernel and reference part: the seed of the world, the customer's row, what, and both readings."""

    where: str
    what: str
    kernel: Any
    reference: Any


def mismatches(seed: int, rows: int) -> Iterator[Mismatch]:
    """Everything in which kernel and reference part over the customers of one random world."""
    random = Random(seed)
    world = random_world(random)
    for row, what, kernel, reference in parted(world, random_askers(random, world, rows)):
        yield Mismatch(f"seed {seed}, row {row}", what, kernel, reference)


def parted(world: World, askers: list[Asker]) -> Iterator[tuple[int, str, Any, Any]]:
    """(row, what, the kernel's reading, the reference's) wherever the two part in one world."""
    for row, (ours, theirs) in enumerate(readings(world, askers)):
        yield from differences(row, ours, theirs)


def readings(world: World, askers: list[Asker]) -> Iterator[tuple[Reading, Reading]]:
    """What the kernel says of each customer of one world, and what the reference says."""
    decisions = decide(cases_of(askers), scores_of(askers), world.rulebook, world.today)
    yield from zip(_kernel(decisions), _reference(world, askers), strict=True)


def differences(row: int, ours: Reading, theirs: Reading) -> Iterator[tuple[int, str, Any, Any]]:
    """(row, what, the kernel's reading, the reference's) wherever two readings of one customer part."""
    for what in theirs:
        if ours[what] != theirs[what]:
            yield from _differences(row, what, (ours[what], theirs[what]))


def _differences(row: int, what: str, readings: tuple[Any, Any]) -> Iterator[tuple[int, str, Any, Any]]:
    kernel, reference = readings
    if not isinstance(reference, dict):
        yield row, what, kernel, reference
        return
    for name in sorted(kernel.keys() | reference.keys()):
        if kernel.get(name) != reference.get(name):
            yield row, f"{what} {name}", kernel.get(name), reference.get(name)


def _kernel(decisions: Decisions) -> Iterator[dict[str, Any]]:
    for row in range(len(decisions.question.profiled)):
        written = write_answer(decisions, row)
        json.dumps(written, allow_nan=False)
        wish = written["wish"] or {"offer_id": None, "met": False}
        (page, at), both = decisions.at(row), decisions.verdicts(row)
        listed, personal = (range(len(verdicts)) for verdicts in both)
        yield {
            "stance": written["stance"],
            "drawn": decisions.drawn(row),
            "offers": [offer["offer_id"] for offer in written["offers"]],
            "wish": (wish["offer_id"], wish["met"]),
            "entitlements": [offer["offer_id"] for offer in written["entitlements"]],
            "best_tariff": {name: written["best_tariff"][name] for name in BEST_TARIFF},
            "listed": _verdicts(page.sheet, at, listed),
            "personal": _verdicts(page.sheet, at, [len(listed) + column for column in personal]),
        }


def _verdicts(sheet: Sheet, row: int, columns: Iterable[int]) -> Verdicts:
    found: Verdicts = {}
    for column in columns:
        if cell(sheet.candidates.exists, row, column):
            name = offer_id(sheet, row, column)
            assert name not in found
            found[name] = numbers_of(sheet, row, column)
    return found


def numbers_of(sheet: Sheet, row: int, column: int) -> dict[str, Any]:
    """Every number of one candidate, and the rules that refuse it, under the names of the slow reference."""
    committed = cell(sheet.priced.terms.commitment_months, row, column) > 0
    return {
        "refused_by": sorted(refusing_rules(int(sheet.refused[row, column]))),
        "secured_cents": int(sheet.secured_cents[row, column]),
        "share_floor_cents": int(sheet.months.share_floor_cents[row, column]) if committed else 0,
        "depth_cents": cell(sheet.priced.depth_cents, row, column),
        "surplus_micro": int(sheet.surplus_micro[row, column]),
        "asked_for": bool(sheet.asked_for[row, column]),
        "p_accept_micro": int(sheet.p_accept_micro[row, column]),
        "p_leave_micro": int(sheet.p_leave_micro[row, column]),
        "value_cents": int(sheet.value_cents[row, column]),
    }


def _reference(world: World, askers: list[Asker]) -> Iterator[dict[str, Any]]:
    book = open_book(world.documents, world.today)
    for asker in askers:
        customer = asker.for_reference()
        cheapest = best_tariff(world.documents["tariffs.toml"], world.today, customer)
        yield {**_as_read(answer(book, customer)), "best_tariff": cheapest}


def _as_read(found: Answer) -> dict[str, Any]:
    return {
        "stance": found.stance,
        "drawn": (found.arm, found.probability_micro),
        "offers": list(found.offers),
        "wish": (found.wish or None, found.wish_met),
        "entitlements": list(found.entitlements),
        "listed": {one.candidate.offer_id: _numbers(one) for one in found.listed},
        "personal": {one.candidate.offer_id: _numbers(one) for one in found.personal},
    }


def _numbers(one: Judged) -> dict[str, Any]:
    numbers = {name: number for name, number in vars(one.weighed).items() if name != "candidate"}
    return {"refused_by": sorted(one.refused_by), **numbers}
