"""Champion against challenger: the same customers, of days that neither learned from, with an interval that holds."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.keys import signing_key
from models.registry import load_version
from models.store import Release, golden_rows, model_bytes, write_release
from tests.training.made_up import made_up_customers
from training.fit import fit
from training.governance.challenge import Judged, compare, errors_by_group, judge
from training.protocol import Trial
from training.release import Trained
from training.rows import Rows

DAY = np.datetime64("2026-01-01")


def dated_rows(rows: int, seed: int) -> Rows:
    columns, log_odds = made_up_customers(rows, seed)
    left = np.random.default_rng(seed).random(rows) < 1 / (1 + np.exp(1.0 - log_odds))
    return Rows(columns, left, dates=DAY + np.arange(rows) // 10)


def trained_on(rows: Rows) -> Trained:
    """As `make_release` gives it back, with a trial of every row."""
    place = np.arange(len(rows))
    trial = Trial(rows.left, np.ones(len(rows)), np.full((1, len(rows)), 0.25), place, Counter(), place)
    return Trained(Path("none"), {"true_rate": None}, trial)


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder, rows = tmp_path_factory.mktemp("champion"), dated_rows(2_000, 1)
    churn, key = fit(rows, 0).churn, signing_key(folder / "keys")
    members = {"window_months": 6, "golden": golden_rows(churn, rows.columns), "until": str(DAY + 149)}
    files = {"model.joblib": model_bytes(churn), "card.json": b"{}", "card.html": b""}
    version = write_release(folder / "releases", "test", files, members, key).name
    return load_version(folder / "releases", folder / "keys", version)


def test_the_latest_period_counts_and_the_challenger_learns_only_from_what_was_known_before(champion: Release) -> None:
    rows = dated_rows(4_000, 2)
    judged = judge(rows, trained_on(rows), champion)
    assert not judged.seen
    assert judged.row.tolist() == list(range(3_600, 4_000))
    known_then = fit(rows.take(np.arange(3_600)), 0).churn.probability(rows.take(judged.row).columns)
    assert judged.challenger.tobytes() == known_then.tobytes()
    assert judged.champion is not None
    assert judged.champion.tobytes() == champion.churn.probability(rows.take(judged.row).columns).tobytes()


def test_of_the_latest_period_only_days_after_the_last_one_of_the_champion_count(champion: Release) -> None:
    rows = dated_rows(4_000, 2)
    later = replace(champion, manifest={**champion.manifest, "until": str(DAY + 369)})
    judged = judge(rows, trained_on(rows), later)
    assert (judged.seen, judged.row.tolist()) == (False, list(range(3_700, 4_000)))


def test_without_later_days_it_is_said_that_the_champion_may_have_seen_them(champion: Release) -> None:
    rows = dated_rows(4_000, 2)
    later = replace(champion, manifest={**champion.manifest, "until": str(DAY + 400)})
    judged = judge(rows, trained_on(rows), later)
    assert (judged.seen, len(judged.row)) == (True, 400)


def test_without_days_the_customers_of_the_trial_are_compared(champion: Release) -> None:
    rows = replace(dated_rows(1_000, 2), dates=None)
    judged = judge(rows, trained_on(rows), champion)
    assert (judged.seen, len(judged.row), set(judged.challenger.tolist())) == (True, 1_000, {0.25})


def test_a_champion_that_cannot_read_the_features_is_not_compared_with(champion: Release) -> None:
    rows = dated_rows(1_000, 2)
    fewer = replace(rows, columns={"age": rows.columns["age"]}, dates=None)
    judged = judge(fewer, trained_on(fewer), champion)
    assert judged.champion is None
    assert "high" not in compare(judged)["auc"]


def two(rows: int, seed: int, better_by: float) -> Judged:
    """A champion and a challenger whose log-odds are the truth and noise, less of it for the better one."""
    rng = np.random.default_rng(seed)
    truth, shared = rng.normal(-1.0, 1.0, rows), rng.normal(size=rows)
    left = rng.random(rows) < 1 / (1 + np.exp(-truth))
    given = [1 / (1 + np.exp(-(truth + noise * shared))) for noise in (0.8 - better_by, 0.8)]
    return Judged(np.arange(rows), left, np.ones(rows), given[0], given[1], False)


def test_who_is_the_same_is_worse_by_nothing() -> None:
    for figure in compare(two(2_000, 1, 0.0)).values():
        assert (figure["worse_by"], figure["low"], figure["high"]) == (0.0, 0.0, 0.0)


def test_who_is_better_is_worse_by_less_than_nothing() -> None:
    found = compare(two(20_000, 2, 0.7))
    assert all(figure["high"] < 0 for figure in found.values())
    assert found["auc"]["challenger"] > found["auc"]["champion"]
    assert found["log_loss"]["challenger"] < found["log_loss"]["champion"]


@pytest.mark.long
def test_the_interval_of_the_difference_holds_as_often_as_it_says() -> None:
    truth = np.mean([compare(two(20_000, 100 + seed, 0.3))["auc"]["worse_by"] for seed in range(5)])
    found = [compare(two(1_000, seed, 0.3))["auc"] for seed in range(40)]
    assert sum(one["low"] <= truth <= one["high"] for one in found) >= 34


def test_the_error_of_a_group_is_its_mean_chance_beside_its_rate() -> None:
    rows = dated_rows(900, 3)
    rows.columns["net"][:] = np.repeat(np.array(["dsl", "fibre", ""], dtype=object), 300)
    p = np.repeat([0.1, 0.5, 0.3], 300)
    judged = Judged(np.arange(900), np.tile([True, False], 450), np.ones(900), p, None, False)
    found = {group["level"]: group for group in errors_by_group(rows, judged, fewest=200)}
    assert {level: (group["rows"], group["rate"]) for level, group in found.items()} == {
        "dsl": (300, 0.5),
        "fibre": (300, 0.5),
        "missing": (300, 0.5),
    }
    assert found["dsl"]["gap"] == pytest.approx(0.4)
    assert found["fibre"]["gap"] == pytest.approx(0.0)
    assert found["dsl"]["by_chance"] == pytest.approx(1.96 * np.sqrt(0.09 / 300), rel=1e-6)
    assert errors_by_group(rows, judged, fewest=301) == []
