"""The gates, each on either side of its number, and what cannot be judged."""

from typing import Any

import pytest

from training.governance.gates import failed, judge_gates, read_limits

LIMITS = {
    "not_worse_than_champion": {"auc": 0.02, "log_loss": 0.005, "ece": 0.02},
    "alone": {"ece": 0.03, "rows_left_out_share": 0.05},
    "drift": {"psi": 0.25},
    "fairness": {"calibration_gap": 0.03, "offered_share": 0.10, "fewest_customers": 200},
    "shadow": {"changed_share": 0.5, "fewest_decisions": 200},
}


def review(**changes: Any) -> dict[str, Any]:
    figure = {"challenger": 0.01, "champion": 0.01, "worse_by": 0.0, "low": -0.001, "high": 0.001}
    found = {
        "rows": 1_000,
        "rows_left_out": 0,
        "figures": {name: dict(figure) for name in ("auc", "log_loss", "ece")},
        "groups": [{"feature": "net", "level": "dsl", "gap": 0.02, "by_chance": 0.01}],
    }
    return {**found, **changes}


def group(asked: int, before: int, after: int) -> dict[str, Any]:
    return {"asked": asked, "before": {"offered": before}, "after": {"offered": after}}


def shadow(decisions: int = 1_000, **changes: Any) -> dict[str, Any]:
    everybody = {**group(1_000, 500, 500), "other_offer": 100, "tenure_months": {}, "language": {}}
    found = {"decisions": decisions, "drift": [{"feature": "age", "psi": 0.1, "by_chance": 0.02}], "trial": everybody}
    return {**found, **changes}


def names(review_told: dict[str, Any], shadow_told: dict[str, Any]) -> list[str]:
    return [gate.name for gate in failed(judge_gates(review_told, shadow_told, LIMITS))]


def test_a_sound_release_passes_every_gate() -> None:
    gates = judge_gates(review(), shadow(), LIMITS)
    assert failed(gates) == []
    unjudged = [gate.name for gate in gates if gate.passed is None]
    assert unjudged == ["fairness.offered_share"]  # no group is large enough


@pytest.mark.parametrize("figure", ["auc", "log_loss", "ece"])
def test_what_may_be_worse_than_the_champion_fails(figure: str) -> None:
    for high, fails in ((LIMITS["not_worse_than_champion"][figure], False), (0.0201, True)):
        told = review()
        told["figures"][figure]["high"] = high
        assert names(told, shadow()) == ([f"not_worse_than_champion.{figure}"] if fails else [])


def test_the_first_release_has_no_champion_to_be_worse_than() -> None:
    told = review(figures={name: {"challenger": 0.01, "champion": None} for name in ("auc", "log_loss", "ece")})
    gates = {gate.name: gate.passed for gate in judge_gates(told, shadow(), LIMITS)}
    assert gates["not_worse_than_champion.auc"] is None
    assert gates["alone.ece"] is True


@pytest.mark.parametrize(("left_out", "fails"), [(52, False), (53, True)])
def test_too_many_rows_left_out_fail(left_out: int, fails: bool) -> None:
    found = names(review(rows_left_out=left_out), shadow())
    assert found == (["alone.rows_left_out_share"] if fails else [])


@pytest.mark.parametrize(("gap", "fails"), [(0.04, False), (0.041, True)])
def test_a_group_told_wrong_beyond_chance_fails(gap: float, fails: bool) -> None:
    groups = [{"feature": "net", "level": "dsl", "gap": gap, "by_chance": 0.01}]
    assert names(review(groups=groups), shadow()) == (["fairness.calibration_gap"] if fails else [])


@pytest.mark.parametrize(("psi", "by_chance", "fails"), [(0.25, 0.1, False), (0.26, 0.1, True), (0.3, 0.4, False)])
def test_live_questions_that_have_moved_beyond_chance_fail(psi: float, by_chance: float, fails: bool) -> None:
    drift = [{"feature": "age", "psi": psi, "by_chance": by_chance}]
    assert names(review(), shadow(drift=drift)) == (["drift.psi"] if fails else [])


def test_too_many_other_offers_fail() -> None:
    for other, fails in ((500, False), (501, True)):
        told = shadow()
        told["trial"]["other_offer"] = other
        assert names(review(), told) == (["shadow.changed_share"] if fails else [])


def test_a_group_that_loses_offers_beside_all_others_fails() -> None:
    for after, fails in ((30, True), (110, False)):
        told = shadow()
        told["trial"]["language"] = {"nl": group(200, 100, after), "fr": group(199, 100, 0)}
        assert names(review(), told) == (["fairness.offered_share"] if fails else [])


def test_with_few_questions_on_record_nothing_is_judged_by_them() -> None:
    told = shadow(decisions=199, drift=[{"feature": "age", "psi": 9.0, "by_chance": 0.0}])
    told["trial"]["other_offer"] = 199
    gates = {gate.name: gate.passed for gate in judge_gates(review(), told, LIMITS)}
    assert {gates[name] for name in ("drift.psi", "shadow.changed_share", "fairness.offered_share")} == {None}


def test_the_numbers_that_ship_have_the_same_names() -> None:
    shipped = {name: set(numbers) for name, numbers in read_limits().items() if isinstance(numbers, dict)}
    assert shipped == {name: set(numbers) for name, numbers in LIMITS.items()}
