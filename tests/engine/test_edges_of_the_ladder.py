"""Each rule of the ladder alone, on a sheet written by hand: what was refused, what is better, where it ends."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from engine.fields import NOTHING_REFUSED_MICRO
from engine.rules import ladder
from tests.engine.sheets import F, T, said, sheet, texts


def test_a_wish_was_refused_as_itself_and_other_terms_as_whatever_spells_alike() -> None:
    catalogue: Any = SimpleNamespace(
        wish_template=9, id_of=lambda terms: "wish.12m" if terms["template"] == 9 else "a.12m"
    )
    refused = ["wish.12m", "b.12m", "b.24m"]
    assert ladder.refused_as(catalogue, {"template": 9}, refused) == ["wish.12m"]
    assert ladder.refused_as(catalogue, {"template": 0}, refused) == ["wish.12m", "b.12m"]


def test_the_ladder_ends_for_each_at_its_step_but_for_what_is_due() -> None:
    policy = {"ladder_steps": 3}
    assert said(ladder.comes_before_the_end(sheet({"steps_taken": [2, 0]}, policy=policy))) == "everywhere"
    ended = sheet({"steps_taken": [2, 3]}, policy=policy, marks={"entitlement": [[F, T, F]]})
    assert said(ladder.comes_before_the_end(ended)) == [[T, T, T], [F, T, F]]


def refusals(offers: Any, devices: Any, **more: Any) -> Any:
    facts = {"refused_offers": offers, "unwanted_devices": devices}
    terms = SimpleNamespace(
        device=np.array([[0, 1, -1]]), at=lambda row, place: {"template": 0, "device": f"{row}-{place}"}
    )
    found = sheet(facts, **more)
    found.priced.terms = terms
    found.refused = np.zeros((len(offers), 3), dtype=np.int64)
    return ladder.was_not_refused(found)


def test_what_was_refused_does_not_come_back_to_whoever_refused_it() -> None:
    nobody = texts((), ())
    assert said(refusals(nobody, nobody)) == "everywhere"
    assert said(refusals(texts(("second.24m", "unheard-of"), ()), nobody)) == [[T, F, T], [T, T, T]]
    assert said(refusals(texts((), ("third.0m", "0m")), nobody)) == [[T, T, T], [T, F, F]]
    assert said(refusals(nobody, texts((), ("a", "unheard-of")))) == [[T, T, T], [F, T, T]]
    assert said(refusals(texts(("first.12m",), ()), texts(("b",), ()))) == [[F, F, T], [T, T, T]]
    due = {"marks": {"entitlement": [[F, T, F]]}}
    assert said(refusals(texts(("first.12m", "second.24m"), ()), nobody, **due)) == [[F, T, T], [T, T, T]]


def test_personal_terms_that_were_refused_are_known_by_the_id_that_spells_them() -> None:
    nobody = texts((), ())
    refused = texts(("personal-0-2",), ("personal-0-2", "first.12m"))
    assert said(refusals(refused, nobody, listed=2)) == [[T, T, F], [F, T, T]]
    assert said(refusals(texts(("first.12m", "personal-0-0"), ()), nobody, listed=0)) == [[F, T, T], [T, T, T]]


def test_the_devices_of_each_customers_own_terms_are_looked_at() -> None:
    found = sheet({"refused_offers": texts((), ()), "unwanted_devices": texts(("a",), ("a",))})
    found.priced.terms = SimpleNamespace(device=np.array([[0, 1, 1], [1, 0, 0]]))
    found.refused = np.zeros((2, 3), dtype=np.int64)
    assert said(ladder.was_not_refused(found)) == [[F, T, T], [T, F, F]]


def test_better_is_worth_more_than_all_that_was_refused() -> None:
    worth = {"surplus_micro": [[9, 10, 11], [9, 10, 11]], "question": {"profiled": [T, T]}}
    nothing = NOTHING_REFUSED_MICRO
    assert said(ladder.is_better_than_what_was_refused(sheet({"least_worth_micro": [nothing] * 2}, **worth))) == (
        "everywhere"
    )
    after = {"least_worth_micro": [10, nothing]}
    assert said(ladder.is_better_than_what_was_refused(sheet(after, **worth))) == [[F, F, T], [T, T, T]]
    asked = sheet(after, **worth, asked_for=[[T, F, F], [F, F, F]])
    assert said(ladder.is_better_than_what_was_refused(asked)) == [[T, F, T], [T, T, T]]
    due = sheet(after, **worth, marks={"entitlement": [[F, T, F]]})
    assert said(ladder.is_better_than_what_was_refused(due)) == [[F, T, T], [T, T, T]]
    unprofiled = {**worth, "question": {"profiled": [F, T]}}
    assert said(ladder.is_better_than_what_was_refused(sheet(after, **unprofiled))) == [[T, T, T], [T, T, T]]
