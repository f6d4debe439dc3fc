"""Numbers, names and days that a rulebook may not hold: each is a fault with its line, whatever else the file says."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Faults
from engine.policy import policy_as_of
from intake.rulebook import read_rulebook
from tests.bad_files.good_files import ROOT, copied_rulebook, spoil
from tests.intake.small_files import faults_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rulebook."""
    return copied_rulebook(tmp_path)


OUT_OF_BOUNDS = {
    "worth_months": 0,
    "months_of_discount_without_commitment": 60,
    "floor_share": 1e13,
    "horizon_months": 1_000_000,
    "floor_cents_12": 24.99,
    "depth_cents_agent": 1.5,
    "offer_valid_days": True,
    "shadow_price": "much",
    "p_churn_when_unknown": -0.1,
    "wish_below_nothing": "perhaps",
}


def policy_with(name: str, value: object) -> dict[str, Any]:
    """The shipped policy with one number set, its own range opened wide around it."""
    document = tomllib.loads((ROOT / "rulebook/policy.toml").read_text("utf-8"))
    line = {"from": date(2020, 1, 1), "value": value}
    return {**document, name: {**document[name], "range": [-1e20, 1e20], "values": [line]}}


@pytest.mark.parametrize("name", OUT_OF_BOUNDS)
def test_the_kernel_refuses_a_number_out_of_its_bounds_whatever_range_the_file_gives(name: str) -> None:
    with pytest.raises(Faults) as refused:
        policy_as_of(policy_with(name, OUT_OF_BOUNDS[name]), date(2026, 11, 22))
    assert [fault.what.split()[0] for fault in refused.value.faults] == [name]


def test_every_number_out_of_bounds_is_told_at_once_with_its_line(folder: Path) -> None:
    slips = [
        ("range = [1, 60]", "range = [0, 60]", "too-wide"),
        ("value = 24 }", "value = 0 }", "out-of-range"),
        ("range = [0, 24]", "range = [0, 60]", "too-wide"),
        ("value = 48 }", "value = 1_000_000 }", "out-of-range"),
        ("value = 2_404 }", "value = 24.99 }", "wrong-type"),
        ("value = 15_000 }", "value = 1.5 }", "wrong-type"),
    ]
    lines = {(code, f"policy.toml:{spoil(folder / 'policy.toml', old, new)}") for old, new, code in slips}
    with pytest.raises(Faults) as refused:
        read_rulebook(folder)
    assert set(faults_of(refused.value)) == lines


def test_a_house_may_narrow_a_range_and_start_a_rule_of_leaving_anew(folder: Path) -> None:
    spoil(folder / "policy.toml", "range = [1, 60]", "range = [24, 24]")
    spoil(
        folder / "law-fr.toml",
        "{ from = 2023-01-01, free_after_months = 12, share = 0.0 }",
        "{ from = 2023-01-01, to = 2027-12-31, free_after_months = 12, share = 0.0 },"
        " { from = 2028-01-01, free_after_months = 6, share = 0.0 }",
    )
    assert read_rulebook(folder).as_of(date(2026, 11, 22)).policy["worth_months"] == 24


def test_a_wish_may_carry_conditions(folder: Path) -> None:
    spoil(folder / "offers.toml", "[wish]\n", '[wish]\nconditions = [{ fact = "tenure_months", at_least = 3 }]\n')
    wish = read_rulebook(folder).documents["offers.toml"]["wish"]
    assert wish["conditions"] == [{"fact": "tenure_months", "at_least": 3}]


@pytest.mark.parametrize(
    "windows",
    ['"13:00-10:00"', '"10:00-10:00"', '"14:00-20:00", "10:00-13:00"', '"10:00-13:00", "12:59-20:00"'],
)
def test_windows_in_which_one_may_call_go_forward_in_time(folder: Path, windows: str) -> None:
    spoil(folder / "law-fr.toml", '"10:00-13:00", "14:00-20:00"', windows)
    with pytest.raises(Faults) as refused:
        read_rulebook(folder)
    assert [(code, where.partition(":")[0]) for code, where in faults_of(refused.value)] == [
        ("invalid-time", "law-fr.toml")
    ]


@pytest.mark.parametrize(("file", "rule"), [("law-fr.toml", "FR-CALL-H"), ("law-be.toml", "BE-DNCM")])
def test_a_rule_on_calls_that_is_left_out_lifts_a_limit_that_nobody_meant_to_lift(
    folder: Path, file: str, rule: str
) -> None:
    written = (folder / file).read_text("utf-8")
    begins = written.index(f"[{rule}]")
    ends = written.find("\n[", begins)
    (folder / file).write_text(written[:begins] + (written[ends + 1 :] if ends > 0 else ""), "utf-8")
    with pytest.raises(Faults) as refused:
        read_rulebook(folder)
    assert [(fault.code, rule in fault.what) for fault in refused.value.faults] == [("missing-key", True)]
