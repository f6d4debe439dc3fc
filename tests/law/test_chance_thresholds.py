"""The numbers that leave something to chance: each draw turns at its own cell, each period at its first day."""

import datetime
import hashlib

import numpy as np
import pytest

from engine.chance import valid_from
from tests.engine.chances import LEAVER, alike, decided, left_to_chance
from tests.engine.questions import asked

STEPS = pytest.mark.parametrize("step", [-1, 0, 1])
MILLION = 1_000_000


def cell(*lines: str) -> int:
    """One of a million cells: the first eight bytes of the digest of some lines, as a share of all they can be."""
    first = hashlib.sha256("\n".join(lines).encode()).digest()[:8]
    return int.from_bytes(first, "big") * MILLION // 2**64


@STEPS
def test_who_draws_a_cell_below_the_share_is_of_the_control_group(step: int) -> None:
    drawn = cell("control", "7", "2026-07-01", "P-0")  # for six months on 23 November 2026: since July
    rulebook = left_to_chance(control=(drawn + step) / MILLION, explore=0.0, control_months=6, chance_salt=7)
    [(_, arm, _)] = decided(rulebook, alike(1))
    assert (arm == "control") == (step > 0)


@STEPS
def test_who_draws_a_cell_below_the_share_explores(step: int) -> None:
    drawn = cell("explore", "7", "2026-11-23", "P-0", "C-0", "0")
    rulebook = left_to_chance(control=0.0, explore=(drawn + step) / MILLION, chance_salt=7)
    [(_, arm, _)] = decided(rulebook, alike(1))
    assert (arm == "explore") == (step > 0)


@STEPS
def test_the_group_is_drawn_anew_on_the_first_day_of_a_validity(step: int) -> None:
    since = valid_from(datetime.date(2026, 7, 1) + step * datetime.timedelta(days=1), 6)
    assert since == (datetime.date(2026, 7, 1) if step >= 0 else datetime.date(2026, 1, 1))


@STEPS
def test_what_is_as_near_to_the_best_value_as_policy_says_is_drawn_from(step: int) -> None:
    sheet = asked(left_to_chance(0.0, 0.0), LEAVER).pages[0].sheet
    ranked = sheet.passes[0] & ~sheet.marks.entitlement[0]
    best, second = np.unique(sheet.value_cents[0, ranked])[::-1][:2].tolist()
    assert best > best - second + 1, "to offer nothing is not near"
    rulebook = left_to_chance(control=0.0, explore=1.0, near_value_cents=best - second + step)
    [(_, arm, _)] = decided(rulebook, alike(1))
    assert (arm == "explore") == (step >= 0)
