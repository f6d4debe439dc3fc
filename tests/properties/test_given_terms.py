"""Given terms get the verdict of the slow reference, a cent on each side of the floor too; answers pass the guard."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from engine.answers import write_answer
from engine.check import Checked, check, write_check
from engine.decide import decide
from tests.properties.against_reference import numbers_of
from tests.properties.customers import Asker, cases_of, random_askers, scores_of
from tests.properties.rulebooks import World, random_world, with_numbers
from tests.slow_reference.book import Book, open_book
from tests.slow_reference.given import given, missing_cents, nearest, verdict
from tests.slow_reference.wish import smallest_within_authority

Offer = dict[str, Any]
SOFT = {"LADDER-OVER", "LADDER-REFUSED", "LADDER-BETTER", "WORTH-NOTHING", "BEYOND-LIMIT", "BELOW-NOTHING"}


def random_terms(random: Random, world: World) -> Offer:
    """Terms as an agent would compose them: any lever at any cent."""
    offers, devices = world.documents["offers.toml"], sorted(world.documents["devices.toml"])
    months, extras = random.choice((0, 12, 12, 24, 24)), sorted(offers["extras"])
    return {
        "template": random.choice(("wish", "wish", *_templates(world))),
        "device": random.choice((None, *devices)),
        "commitment_months": months,
        "top_up_cents": random.choice((0, random.randint(0, 60_000))),
        "discount_cents": random.choice((0, 0, random.randint(1, 900))),
        "discount_months": random.choice((0, 6, 12, months, 24)),
        "extras": random.sample(extras, random.choice((0, 0, 1, min(2, len(extras))))),
        "extras_months": random.choice((0, months, 6, 24)),
        "credit_cents": random.choice((0, 0, 0, random.randint(1, 9_000))),
        "trade_in": random.choice((None, None, None, *_taken_back(world))),
    }


def _taken_back(world: World) -> list[str]:
    return sorted(name for name, device in world.documents["devices.toml"].items() if "trade_in" in device)


def _templates(world: World) -> list[str]:
    return sorted({one.template for one in open_book(world.documents, world.today).listed})


def near_the_floor(random: Random, book: Book, asker: Asker, terms: Offer) -> Offer:
    """The same terms, a cent below, at or a cent above the smallest top-up that keeps them."""
    if not terms["device"] or random.random() < 0.3:
        return terms
    smallest = smallest_within_authority(book, given(book, terms), asker.for_reference())
    return {**terms, "top_up_cents": max(0, smallest + random.choice((-1, 0, 1)))}


def worlds(seeds: range, rows: int) -> Iterator[tuple[int, World, list[Asker], list[Offer]]]:
    for seed in seeds:
        random = Random(seed)
        world = random_world(random)
        askers = random_askers(random, world, rows)
        book = open_book(world.documents, world.today)
        yield (
            seed,
            world,
            askers,
            [near_the_floor(random, book, asker, random_terms(random, world)) for asker in askers],
        )


def checked(world: World, askers: list[Asker], terms: list[Offer]) -> Checked:
    return check(cases_of(askers), scores_of(askers), world.rulebook, world.today, terms)


@pytest.mark.parametrize("first", [70_000, 70_020, 70_040])
def test_given_terms_get_the_verdict_and_the_numbers_of_the_slow_reference(first: int) -> None:
    for seed, world, askers, terms in worlds(range(first, first + 20), 20):
        book, found = open_book(world.documents, world.today), checked(world, askers, terms)
        for row, asker in enumerate(askers):
            expected = verdict(book, terms[row], asker.for_reference())
            assert numbers_of(found.sheet, row, 0) == {
                "refused_by": sorted(expected.refused_by),
                **{name: number for name, number in vars(expected.weighed).items() if name != "candidate"},
            }, f"seed {seed}, row {row}: {terms[row]}"
            told = write_check(found, row)
            assert told["offer"]["offer_id"] == expected.candidate.offer_id
            assert told["missing_cents"] == missing_cents(book, expected)
            assert told["allowed"] == (not expected.refused_by)


@pytest.mark.parametrize("first", [71_000, 71_020])
def test_the_nearest_terms_are_those_of_the_slow_reference(first: int) -> None:
    met = {"nearest": 0, "none": 0}
    for seed, world, askers, terms in worlds(range(first, first + 20), 10):
        terms = [terms[0], *({**one, "template": "wish", "trade_in": None} for one in terms[1:])]
        book, found = open_book(world.documents, world.today), checked(world, askers, terms)
        for row, asker in enumerate(askers):
            if found.rules(row):
                expected = nearest(book, given(book, terms[row]), asker.for_reference())
                told = write_check(found, row)["nearest"]
                met["nearest" if told else "none"] += 1
                assert (told and told["offer_id"]) == (expected and expected.offer_id), f"seed {seed}, row {row}"
    assert min(met.values()) > 10


@pytest.mark.parametrize("first", [72_000, 72_010])
def test_who_may_approve_is_in_whose_hands_nothing_refuses(first: int) -> None:
    for seed, world, askers, terms in worlds(range(first, first + 10), 10):
        found = checked(world, askers, terms)
        for row, asker in enumerate(askers):
            if asker.facts["role"] not in ("agent", "supervisor", "manager"):
                continue
            told = write_check(found, row)
            if told["allowed"] and not told["offer"]["below_nothing"]:
                assert asker.facts["role"] in told["may_approve"], f"seed {seed}, row {row}"
            others = [{**asker.facts, "role": role} for role in told["may_approve"]]
            for facts in others:
                again = checked(world, [replace(asker, facts=facts)], [terms[row]])
                authority = {"HOUSE-AUTHORITY", "FR-TWIN12"}
                assert not set(again.rules(0)) - authority, f"seed {seed}, row {row}"


def offers_of(seeds: range, rows: int) -> Iterator[tuple[str, World, Asker, Offer]]:
    """Every offer and entitlement of random answers."""
    for seed in seeds:
        random = Random(seed)
        world = random_world(random)
        askers = random_askers(random, world, rows)
        decisions = decide(cases_of(askers), scores_of(askers), world.rulebook, world.today)
        for row, asker in enumerate(askers):
            answer = write_answer(decisions, row)
            for offer in (*answer["offers"], *answer["entitlements"]):
                yield f"seed {seed}, row {row}, {offer['offer_id']}", world, asker, offer


def test_every_offer_of_five_hundred_answers_passes_the_guard_unchanged_and_is_told_the_same() -> None:
    count = 0
    for where, world, asker, offer in offers_of(range(73_000, 73_050), 10):
        found = checked(world, [asker], [offer])
        assert found.limits(0) == found.rules(0) == [], where
        told = write_check(found, 0)["offer"]
        differs = {name for name in offer if told[name] != offer[name]} - {"place", "why", "sentences"}
        assert not differs, (where, {name: (offer[name], told[name]) for name in differs})
        assert told["sentences"]["customer"] == offer["sentences"]["customer"], where
        count += 1
    assert count > 100


def test_the_guard_refuses_what_the_floor_the_authority_the_stock_or_a_fault_no_longer_allows() -> None:
    seen: set[str] = set()
    for where, world, asker, offer in offers_of(range(74_000, 74_030), 8):
        secured = int(checked(world, [asker], [offer]).sheet.secured_cents[0, 0])
        changes: list[tuple[str, World, Asker]] = [
            ("HOUSE-REPAIR-FIRST", world, _facts(asker, open_fault="no signal")),
            ("HOUSE-PROMISE-FIRST", world, _facts(asker, unkept_promise="a refund")),
        ]
        months = offer["commitment_months"]
        if secured + 1 <= 1_000_000:
            dearer = with_numbers(world.documents, {f"floor_cents_{months}": secured + 1})
            changes.append(("HOUSE-FLOOR-CENTS", World(dearer, world.today, 0), asker))
        if offer["device"]:
            changes.append(("HOUSE-STOCK", world, _facts(asker, sold_out=(offer["device"],))))
            devices = {name: {**one, "stock": 0} for name, one in world.documents["devices.toml"].items()}
            changes.append(("HOUSE-STOCK", World({**world.documents, "devices.toml": devices}, world.today, 0), asker))
        if offer["place"] != "entitlement" and _depth(world, asker, offer) > 0:
            changes.append(("HOUSE-AUTHORITY", world, _facts(asker, role="auditor")))
            changes.append(("HOUSE-ACCOUNT", world, _facts(asker, account_granted_cents=10**9)))
        for rule, other, who in changes:
            assert rule in checked(other, [who], [offer]).limits(0), (where, rule)
            seen.add(rule)
    assert len(seen) == 6


def _facts(asker: Asker, **facts: Any) -> Asker:
    return replace(asker, facts={**asker.facts, **facts})


def _depth(world: World, asker: Asker, offer: Offer) -> int:
    return int(checked(world, [asker], [offer]).sheet.priced.depth_cents[0, 0])


def test_what_the_rulebook_no_longer_has_is_refused_by_name_and_never_by_an_exception() -> None:
    for where, world, asker, offer in offers_of(range(75_000, 75_015), 6):
        offers = world.documents["offers.toml"]
        kept = [one for one in offers["offer"] if one["id"] != offer["template"]]
        gone = World({**world.documents, "offers.toml": {**offers, "offer": kept}}, world.today, 0)
        found = checked(gone, [asker], [offer])
        if offer["template"] != "wish":
            assert found.rules(0) == found.limits(0) == ["HOUSE-CATALOGUE"], where
            told = write_check(found, 0)
            assert (told["unknown"], told["offer"], told["nearest"]) == ([offer["template"]], None, None)
            assert offer["template"] in told["why_not"]["fr"]
        for change in (
            {"device": "no-such-phone"},
            {"trade_in": "no-such-phone"},
            {"extras": ["no-such-extra"]},
            {"commitment_months": 18},
        ):
            found = checked(world, [asker], [{**offer, **change}])
            assert found.limits(0) == ["HOUSE-CATALOGUE"], where


def test_one_row_or_many_checked_are_the_same() -> None:
    for seed, world, askers, terms in worlds(range(76_000, 76_010), 12):
        together = checked(world, askers, terms)
        for row in range(len(askers)):
            alone = checked(world, [askers[row]], [terms[row]])
            assert write_check(together, row) == write_check(alone, 0), f"seed {seed}, row {row}"


def test_terms_with_an_amount_below_nothing_are_no_terms() -> None:
    [(_, world, askers, terms)] = worlds(range(76_000, 76_001), 1)
    with pytest.raises(ValueError, match="below 0"):
        checked(world, askers, [{**terms[0], "credit_cents": -1}])


def test_terms_that_only_borrow_the_name_of_a_due_or_of_a_standard_offer_have_none_of_its_rights() -> None:
    borrowed = 0
    for _, world, asker, offer in offers_of(range(73_000, 73_050), 10):
        if offer["place"] == "entitlement":
            deeper = {**offer, "credit_cents": 999_999, "device": None, "top_up_cents": 0, "twin": None}
            found = checked(world, [_facts(asker, role="auditor")], [deeper])
            assert "HOUSE-AUTHORITY" in found.limits(0)
            assert not np.any(found.sheet.marks.entitlement[0, 0])
            borrowed += 1
    assert borrowed > 10
