"""Numbers, names and days that a rulebook may not hold: each is a fault with its line, whatever else the file says."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Faults
from engine.policy import policy_as_of
from intake.rulebook import read_rulebook
from tests.intake.rulebook_copies import ROOT, copied_rulebook, spoil
from tests.intake.small_files import each_is_told_in_full, faults_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rulebook."""
    return copied_rulebook(tmp_path)


SPOILT: dict[str, tuple[str, str, str, str]] = {
    "a rule of law under a name that nobody reads": ("law-fr.toml", "[FR-EXIT-A]", "[FR-EXIT-A2]", "unknown-key"),
    "a law without its rule of leaving": ("law-fr.toml", "[FR-EXIT-A]", "[FR-EXIT-A2]", "missing-key"),
    "a rule of the law of nowhere": ("law-fr.toml", "[GDPR-21]", "[GDPR-22]", "unknown-key"),
    "a twin of 11 months": ("law-fr.toml", "2008-06-01, months = 12", "2008-06-01, months = 11", "not-a-choice"),
    "a longest commitment of no month": ("law-fr.toml", "months = 24 }", "months = 0 }", "out-of-range"),
    "a law that frees after 25 months": (
        "law-fr.toml",
        "free_after_months = 12",
        "free_after_months = 25",
        "out-of-range",
    ),
    "a number in a rule that has none": (
        "law-fr.toml",
        "values = [{ from = 2018-05-25 }]",
        "values = [{ from = 2018-05-25, share = 0.5 }]",
        "unknown-key",
    ),
    "a rule of law that ends before it begins": (
        "law-fr.toml",
        "from = 2008-06-01, to = 2022-12-31",
        "from = 2008-06-01, to = 2007-12-31",
        "invalid-time",
    ),
    "a day on which no rule of leaving holds": ("law-fr.toml", "to = 2022-12-31", "to = 2022-12-30", "gap-in-time"),
    "a rule of leaving that begins too late": (
        "law-fr.toml",
        "from = 2008-06-01, to = 2022-12-31",
        "from = 2008-06-02, to = 2022-12-31",
        "gap-in-time",
    ),
    "a rule of leaving that ends": (
        "law-fr.toml",
        "from = 2023-01-01, free_after_months = 12, share = 0.0",
        "from = 2023-01-01, to = 2026-12-31, free_after_months = 12, share = 0.0",
        "gap-in-time",
    ),
    "a number in another unit": (
        "policy.toml",
        'a 12-month offer"\nunit = "cents"',
        'a 12-month offer"\nunit = "share"',
        "wrong-unit",
    ),
    "a range wider than the kernel can count": ("policy.toml", "range = [1, 60]", "range = [0, 60]", "too-wide"),
    "a range that is upside down": ("policy.toml", "range = [1, 60]", "range = [60, 1]", "too-wide"),
    "a choice that the kernel does not know": (
        "policy.toml",
        'choices = ["show", "approve", "hide"]',
        'choices = ["show", "approve", "hide", "shout"]',
        "too-wide",
    ),
    "a number without a range": ("policy.toml", "range = [1, 60]\n", "", "missing-key"),
    "a choice that the house has ruled out": (
        "policy.toml",
        'choices = ["show", "approve", "hide"]',
        'choices = ["show", "hide"]',
        "not-a-choice",
    ),
    "a value outside the house's own narrower range": (
        "policy.toml",
        "range = [1, 60]",
        "range = [1, 12]",
        "out-of-range",
    ),
    "an extra that costs more than ten million": (
        "offers.toml",
        "cost_cents = 5\n",
        "cost_cents = 10_000_001\n",
        "out-of-range",
    ),
    "a credit of more than ten million": (
        "offers.toml",
        "credit_cents = [500]",
        "credit_cents = [10_000_001]",
        "out-of-range",
    ),
    "a device that costs less than nothing": (
        "devices.toml",
        "cost_cents = 11_900",
        "cost_cents = -1",
        "out-of-range",
    ),
    "more than twelve extras": (
        "offers.toml",
        "[extras.sms_15]",
        "".join(
            f'[extras.more_{number}]\nsays = {{ fr = "a", nl = "a", en = "a" }}\n'
            'cost_cents = 1\nworth_cents = 1\ntaste = "sms"\n'
            for number in range(5)
        )
        + "[extras.sms_15]",
        "too-many",
    ),
    "an offer that calls itself the wish": ("offers.toml", 'id = "phone"', 'id = "wish"', "repeated-value"),
    "an offer that hangs on a stored score": (
        "offers.toml",
        'fact = "tenure_months", at_least = 12',
        'fact = "p_churn", at_least = 0.5',
        "not-a-choice",
    ),
    "an offer that hangs on the window of a stored score": (
        "offers.toml",
        '{ fact = "tenure_months", at_least = 12 }',
        '{ any_of = [{ fact = "p_churn_window_months", at_least = 6 }] }',
        "not-a-choice",
    ),
    "a wish that hangs on a stored score": (
        "offers.toml",
        "[wish]\n",
        '[wish]\nconditions = [{ fact = "p_churn", at_least = 0.5 }]\n',
        "not-a-choice",
    ),
}


@pytest.mark.parametrize("title", SPOILT)
def test_a_rulebook_is_refused_for(title: str, folder: Path) -> None:
    name, old, new, code = SPOILT[title]
    spoil(folder, name, old, new)
    with pytest.raises(Faults) as refused:
        read_rulebook(folder)
    assert code in [found for found, _ in faults_of(refused.value)]
    assert all(fault.where.startswith(f"{name}:") for fault in refused.value.faults)
    assert each_is_told_in_full(refused.value.faults)


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
    lines = {(code, f"policy.toml:{spoil(folder, 'policy.toml', old, new)}") for old, new, code in slips}
    with pytest.raises(Faults) as refused:
        read_rulebook(folder)
    assert set(faults_of(refused.value)) == lines


def test_a_house_may_narrow_a_range_and_start_a_rule_of_leaving_anew(folder: Path) -> None:
    spoil(folder, "policy.toml", "range = [1, 60]", "range = [24, 24]")
    spoil(
        folder,
        "law-fr.toml",
        "{ from = 2023-01-01, free_after_months = 12, share = 0.0 }",
        "{ from = 2023-01-01, to = 2027-12-31, free_after_months = 12, share = 0.0 },"
        " { from = 2028-01-01, free_after_months = 6, share = 0.0 }",
    )
    assert read_rulebook(folder).as_of(date(2026, 11, 22)).policy["worth_months"] == 24


def test_a_wish_may_carry_conditions(folder: Path) -> None:
    spoil(folder, "offers.toml", "[wish]\n", '[wish]\nconditions = [{ fact = "tenure_months", at_least = 3 }]\n')
    wish = read_rulebook(folder).documents["offers.toml"]["wish"]
    assert wish["conditions"] == [{"fact": "tenure_months", "at_least": 3}]
