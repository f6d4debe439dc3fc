"""Who leaves, and what drives them: the history holds effects that a model can find, and no more."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from tests.training.market.conftest import Export, Rows, day, difference, left, number

Row = dict[str, str]


def months_bound(row: Row) -> float:
    """Months to the end of the commitment, negative for the past, NaN for none."""
    if not row["fin_engagement"]:
        return float("nan")
    return (day(row["fin_engagement"]) - day(row["date_extraction"])).days / 30.44


def where(rows: Rows, holds: Callable[[Row], bool]) -> Rows:
    return [row for row in rows if holds(row)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_about_one_in_ten_leaves_within_six_months(write: Callable[[int, int], Export], seed: int) -> None:
    history = write(3_000, seed).history
    assert 0.08 <= left(history).mean() <= 0.12
    assert 11_500 <= len(history) <= 13_500


def test_the_label_agrees_with_the_dates(market: Export) -> None:
    for row in market.history:
        assert (row["resilie_6_mois"] == "oui") == (row["date_resiliation"] != "")
        if row["date_resiliation"]:
            months = (day(row["date_resiliation"]).year - day(row["date_extraction"]).year) * 12
            months += day(row["date_resiliation"]).month - day(row["date_extraction"]).month
            assert 0 <= months < 6


def test_whoever_left_is_in_no_later_snapshot(market: Export) -> None:
    last_seen: dict[str, str] = {}
    for row in [*market.history, *market.contracts]:
        assert last_seen.get(row["numero_contrat"], "") == ""
        last_seen[row["numero_contrat"]] = row.get("date_resiliation", "")


def test_six_snapshots_lie_half_a_year_apart(market: Export) -> None:
    days = sorted({day(row["date_extraction"]).isoformat() for row in market.history})
    assert days == ["2023-11-01", "2024-05-01", "2024-11-01", "2025-05-01", "2025-11-01", "2026-05-01"]
    assert {row["date_extraction"] for row in market.contracts} == {"01/11/2026"}


CONTRASTS = {
    "faults drive people away": (
        lambda row: number(row["jours_panne_3_mois"]) >= 10,
        lambda row: number(row["jours_panne_12_mois"]) == 0,
    ),
    "an open fault is worse than none": (
        lambda row: row["panne_en_cours"] != "",
        lambda row: row["panne_en_cours"] == "" and row["pannes_12_mois"] == "0",
    ),
    "a commitment that ends frees people": (
        lambda row: 0 <= months_bound(row) < 5,
        lambda row: months_bound(row) > 12,
    ),
    "people leave soon after the end more than long after": (
        lambda row: -2 < months_bound(row) < 0,
        lambda row: months_bound(row) < -12,
    ),
    "an old device makes people look around": (
        lambda row: number(row["age_terminal_mois"]) > 30,
        lambda row: number(row["age_terminal_mois"]) < 10,
    ),
    "new customers leave more than old ones": (
        lambda row: (day(row["date_extraction"]) - day(row["client_depuis"])).days < 730,
        lambda row: (day(row["date_extraction"]) - day(row["client_depuis"])).days > 2_900,
    ),
    "dear tariffs lose more than cheap ones": (
        lambda row: number(row["prix_mensuel_ttc"]) > 30,
        lambda row: number(row["prix_mensuel_ttc"]) < 9,
    ),
}


@pytest.mark.parametrize("name", CONTRASTS)
def test_the_interval_of_each_effect_lies_above_nothing(market: Export, name: str) -> None:
    more, less = (left(where(market.history, holds)) for holds in CONTRASTS[name])
    assert difference(more, less)[0] > 0


def columns(rows: Rows) -> np.ndarray:
    told = [
        "prix_mensuel_ttc", "enveloppe_data_go", "remise_ttc", "age_terminal_mois", "data_mo_par_mois", "sms_par_mois",
        "voix_min_par_mois", "jours_panne_3_mois", "jours_panne_12_mois", "contacts_3_mois", "contacts_12_mois",
    ]  # fmt: skip
    tenure = [(day(row["date_extraction"]) - day(row["client_depuis"])).days for row in rows]
    bound = [months_bound(row) for row in rows]
    return np.column_stack([*([number(row[name]) for row in rows] for name in told), tenure, bound])


def test_a_good_model_tells_leavers_forward_in_time_but_is_no_oracle(market: Export) -> None:
    last = where(market.history, lambda row: row["date_extraction"] == "01/05/2026")
    before = where(market.history, lambda row: day(row["date_extraction"]).year < 2026)
    trees = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=40, random_state=0
    )
    trees.fit(columns(before), left(before))
    auc = roc_auc_score(left(last), trees.predict_proba(columns(last))[:, 1])
    assert 0.70 <= auc <= 0.80
