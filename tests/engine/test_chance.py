"""Draws: who is in the control group and who explores, the same for ever and everywhere."""

import datetime
import subprocess
import sys
from typing import Any

import numpy as np

from engine.chance import Shares, cell_of, draw_control, draw_exploring, valid_from
from engine.decide import read_question
from engine.tables import MICRO
from engine.terms import NONE
from tests.engine.chances import CONTROL, EXPLORE, left_to_chance, within_binomial
from tests.engine.questions import ROOT, TODAY, customers

ACCOUNTS = 100_000


def groups(accounts: list[str], today: datetime.date = TODAY, **numbers: Any) -> np.ndarray:
    """Who of some accounts is in the control group on a day."""
    rulebook = left_to_chance(**numbers)
    question = read_question(customers(*({"customer_id": name} for name in accounts)), rulebook.as_of(today), today)
    return draw_control(question, Shares.of(question.in_force.policy))


def test_a_cell_is_the_first_eight_bytes_of_the_hash_of_the_lines_of_its_key() -> None:
    """`printf 'control\\n0\\n2026-07-01\\nP-1' | sha256sum` begins with c37fc0bfc6b73d43: no release moves anybody."""
    assert cell_of(MICRO, "control", "0", "2026-07-01", "P-1") == 0xC37FC0BFC6B73D43 * MICRO // 2**64 == 763_668
    assert cell_of(1, "anything") == 0
    assert {cell_of(3, "explore", str(number)) for number in range(100)} == {0, 1, 2}


def test_validities_are_counted_from_january_2000_whatever_the_rulebook_says() -> None:
    day = datetime.date(2026, 11, 23)
    assert valid_from(day, 6) == datetime.date(2026, 7, 1)
    assert valid_from(datetime.date(2026, 12, 31), 6) == datetime.date(2026, 7, 1)
    assert valid_from(datetime.date(2027, 1, 1), 6) == datetime.date(2027, 1, 1)
    assert valid_from(day, 1) == datetime.date(2026, 11, 1)
    assert valid_from(day, 5) == datetime.date(2026, 9, 1)
    assert valid_from(datetime.date(1999, 12, 31), 12) == datetime.date(1999, 1, 1)


def test_an_account_stays_in_its_group_on_every_line_day_channel_and_step_and_under_every_policy() -> None:
    accounts = [f"P-{index}" for index in range(400)]
    group = groups(accounts, control=0.3)
    assert 60 < group.sum() < 180
    for today in (datetime.date(2026, 7, 1), datetime.date(2026, 12, 31)):
        assert (groups(accounts, today, control=0.3) == group).all()
    assert (groups(accounts, control=0.3, explore=0.0, floor_cents_12=9_999, offer_valid_days=3) == group).all()
    lines = [
        {"customer_id": name, "contract_id": f"{name}-{line}", "channel": channel, "steps_taken": step}
        for name in accounts
        for line, (channel, step) in enumerate((("phone_in", 0), ("shop", 1), ("phone_out", 2)))
    ]
    question = read_question(customers(*lines), left_to_chance(control=0.3).as_of(TODAY), TODAY)
    of_lines = draw_control(question, Shares.of(question.in_force.policy)).reshape(-1, 3)
    assert (of_lines == group[:, None]).all()


def test_a_larger_share_keeps_who_is_in_the_group() -> None:
    accounts = [f"P-{index}" for index in range(2_000)]
    small, large = groups(accounts, control=0.05), groups(accounts, control=0.2)
    assert small.sum() < large.sum()
    assert not (small & ~large).any()


def test_the_group_is_drawn_anew_after_its_validity_and_under_another_salt() -> None:
    accounts = [f"P-{index}" for index in range(20_000)]
    group = groups(accounts)
    for other in (groups(accounts, datetime.date(2027, 1, 1)), groups(accounts, chance_salt=7)):
        assert within_binomial(int((group & other).sum()), len(accounts), CONTROL**2)


def test_the_group_is_the_same_in_another_process() -> None:
    accounts = [f"P-{index}" for index in range(300)]
    script = (
        f"from tests.engine.test_chance import groups\nprint(groups({accounts!r}, control=0.3).astype(int).tolist())"
    )
    found = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(groups(accounts, control=0.3).astype(int).tolist())


def test_shares_hold_and_group_and_exploring_are_independent() -> None:
    policy = left_to_chance().as_of(TODAY)
    rows = customers(*({"customer_id": f"P-{index}"} for index in range(ACCOUNTS)))
    question, shares = read_question(rows, policy, TODAY), Shares.of(policy.policy)
    control, explores = draw_control(question, shares), draw_exploring(question, shares) != NONE
    outside = EXPLORE / (1 - CONTROL)
    assert within_binomial(int(control.sum()), ACCOUNTS, CONTROL)
    assert within_binomial(int(explores.sum()), ACCOUNTS, outside)
    assert within_binomial(int((control & explores).sum()), ACCOUNTS, CONTROL * outside)


def test_draws_of_one_account_on_other_days_and_steps_are_independent() -> None:
    in_force = left_to_chance().as_of(TODAY)
    shares, first = Shares.of(in_force.policy), None
    for today, step in ((TODAY, 0), (TODAY, 1), (TODAY + datetime.timedelta(1), 0)):
        rows = customers(*({"customer_id": f"P-{index}", "steps_taken": step} for index in range(20_000)))
        explores = draw_exploring(read_question(rows, in_force, today), shares) != NONE
        first = explores if first is None else first
        if (today, step) != (TODAY, 0):
            together = (EXPLORE / (1 - CONTROL)) ** 2
            assert within_binomial(int((first & explores).sum()), 20_000, together)
