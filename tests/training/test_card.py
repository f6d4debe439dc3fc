"""From rows to a release on disk, and what its card says."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Faults
from models.keys import signing_key
from models.store import load_release
from tests.training.made_up import made_up_rows
from training.card import Source
from training.release import Place, Trained, make_release
from training.rows import Rows

SOURCE = Source("made_up", "0" * 64, ("every customer is made up & <none> is real",), "1" * 64, None, 2)
ROWS = made_up_rows(1_500, 4)


def nothing(done: int, total: int) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("training")


@pytest.fixture(scope="module")
def steps() -> list[tuple[int, int]]:
    return []


@pytest.fixture(scope="module")
def trained(folder: Path, steps: list[tuple[int, int]]) -> Trained:
    return make_release(
        ROWS, SOURCE, Place(folder / "releases", signing_key(folder / "keys")), lambda *step: steps.append(step)
    )


def test_the_release_loads_and_scores(folder: Path, trained: Trained) -> None:
    release = load_release(trained.directory, signing_key(folder / "keys").public_key())
    assert release.feature_names == ("age", "price", "net", "noise")
    assert release.version.startswith("made-up-")
    assert abs(release.churn.probability(ROWS.columns).mean() - ROWS.left.mean()) < 0.02


def test_the_manifest_says_what_it_was_made_of(trained: Trained) -> None:
    manifest = json.loads((trained.directory / "manifest.json").read_text())
    assert set(manifest["versions"]) == {"engine", "python", "numpy", "scikit-learn"}
    assert manifest["data_sha256"] == "1" * 64
    assert manifest["features"] == ["age", "price", "net", "noise"]
    assert manifest["window_months"] == -1
    assert len(manifest["golden"]) == 200


def test_the_card_holds_five_figures_each_inside_its_interval(trained: Trained) -> None:
    card = json.loads((trained.directory / "card.json").read_text())
    assert set(card["metrics"]) == {"auc", "log_loss", "ece", "lift_10", "empc"}
    for figure in card["metrics"].values():
        assert figure["low"] < figure["value"] < figure["high"]
    assert card["chosen"] in card["candidates"]
    assert len(card["candidates"]) == 5
    assert card["protocol"]["seeds"] == [0, 1]
    assert sum(card["chosen_in_trial"].values()) == 10


def test_the_strongest_reason_is_a_true_one_and_noise_is_the_weakest(trained: Trained) -> None:
    reasons = [reason["feature"] for reason in trained.card["reasons"]]
    assert reasons[-1] == "noise"


def test_the_page_is_whole_in_itself_and_escapes_what_it_was_given(trained: Trained) -> None:
    page = (trained.directory / "card.html").read_text()
    assert page.count("<svg") == 3
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", page)
    assert "<script" not in page
    assert "made up &amp; &lt;none&gt; is real" in page
    assert f"{trained.card['metrics']['auc']['value']:.4f}" in page


def test_progress_is_told_after_every_fit(trained: Trained, steps: list[tuple[int, int]]) -> None:
    assert steps == [(done, 11) for done in range(1, 12)]


@pytest.mark.parametrize("leavers", [0, 49])
def test_too_few_who_left_teach_nothing(folder: Path, leavers: int) -> None:
    rows = Rows({"x": np.arange(500.0)}, np.arange(500) < leavers)
    with pytest.raises(Faults, match="too-few-rows"):
        make_release(rows, SOURCE, Place(folder, signing_key(folder / "keys")), nothing)


def test_a_mapping_without_features_teaches_nothing(folder: Path) -> None:
    with pytest.raises(Faults, match="no-features"):
        make_release(Rows({}, np.arange(500) < 200), SOURCE, Place(folder, signing_key(folder / "keys")), nothing)
