"""Which release serves: the one set, the next one as soon as it is set, and the last good one when that is refused."""

import datetime
import errno
import json
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import numpy as np
import pytest

from api.releases import Releases
from engine.tables import objects
from ledger import writer
from ledger.store import writing
from models.keys import PUBLIC_NAME, signing_key
from models.registry import set_current
from models.store import golden_rows, model_bytes, write_release
from tests.api.world import ASKED, Operator, contracts
from tests.models.learned import random_churn, random_customers


class Installation:
    """A folder of releases and the key that signs them."""

    def __init__(self, folder: Path) -> None:
        self.releases, self.keys = folder / "releases", folder / "keys"

    def train(self, seed: int, window_months: int = 6) -> str:
        churn = random_churn(seed, numeric=2, categorical=1)
        manifest = {
            "window_months": window_months,
            "golden": golden_rows(churn, random_customers(churn, 50, seed, odd=(np.nan,))),
        }
        files = {"model.joblib": model_bytes(churn), "card.json": b"{}", "card.html": b""}
        return write_release(self.releases, "test", files, manifest, signing_key(self.keys)).name

    def serve(self, version: str) -> None:
        set_current(self.releases, self.keys, version, "a test", "2026-11-23T11:00:00Z")

    def watched(self) -> Releases:
        return Releases(self.releases, self.keys)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def version(releases: Releases) -> str | None:
    release = releases.current()
    return None if release is None else release.version


def test_before_anything_is_trained_there_is_no_release(installation: Installation) -> None:
    releases = installation.watched()
    assert (releases.current(), releases.wanted, releases.refusal) == (None, True, None)


def test_a_server_can_be_told_to_do_without(installation: Installation) -> None:
    releases = Releases(None, installation.keys)
    assert (releases.current(), releases.wanted) == (None, False)


def test_a_release_serves_as_soon_as_it_is_set(installation: Installation) -> None:
    releases, first = installation.watched(), installation.train(1)
    assert releases.current() is None
    installation.serve(first)
    assert version(releases) == first
    second = installation.train(2)
    assert version(releases) == first
    installation.serve(second)
    assert version(releases) == second


def test_a_release_is_loaded_once(installation: Installation) -> None:
    installation.serve(installation.train(1))
    releases = installation.watched()
    assert releases.current() is releases.current()


def test_a_damaged_release_leaves_the_last_one_serving(installation: Installation) -> None:
    releases, first, second = installation.watched(), installation.train(1), installation.train(2)
    installation.serve(first)
    assert version(releases) == first
    model = installation.releases / second / "model.joblib"
    model.write_bytes(model.read_bytes()[:-1] + b"?")
    installation.serve(second)
    assert version(releases) == first
    assert "artefact-digest-mismatch" in str(releases.refusal)
    installation.serve(first)
    assert (version(releases), releases.refusal) == (first, None)


def test_a_release_signed_elsewhere_does_not_serve(installation: Installation, tmp_path: Path) -> None:
    stranger = Installation(tmp_path / "stranger")
    stranger.serve(stranger.train(1))
    signing_key(installation.keys)
    assert Releases(stranger.releases, installation.keys).current() is None


def test_an_answer_names_the_release_that_scored_it(operator: Operator, installation: Installation) -> None:
    first = installation.train(1, window_months=9)
    installation.serve(first)
    features = {"n0": np.array([0.5] * 4), "n1": np.array([np.nan] * 4), "c0": objects(["fibre"] * 4)}
    with writing(operator.service.store) as connection:
        source = writer.Source("m" * 64, datetime.date(2026, 11, 23))
        writer.save_contracts(connection, contracts(), features, source)
    answer = ask(operator.with_service(releases=installation.watched()))
    assert (answer["versions"]["model"], answer["p_churn_source"], answer["degraded"]) == (first, "model", [])
    assert (answer["p_churn_window_months"], 0 <= answer["p_churn"] <= 1) == (9, True)


def test_other_features_than_the_release_was_fitted_on_degrade_the_answer(
    operator: Operator, installation: Installation
) -> None:
    installation.serve(installation.train(1))
    answer = ask(operator.with_service(releases=installation.watched()))
    assert answer["degraded"] == ["p_churn", "score-unknown"]


def test_a_server_without_the_release_it_wants_is_not_ready(operator: Operator, installation: Installation) -> None:
    waiting = operator.with_service(releases=installation.watched())
    problem = waiting.client.get("/ready").get_json(force=True)
    assert (problem["type"], problem["detail"]) == ("/problems/dependency-unavailable", "no release is set")
    assert waiting.client.get("/live").status_code == 200
    installation.serve(installation.train(1))
    assert waiting.client.get("/ready").get_json()["release"].startswith("test-")


def unreadable(*_: object) -> None:
    raise OSError(errno.EIO, "Input/output error")


def ask(operator: Operator) -> dict[str, Any]:
    answer = operator.client.post("/offer", json={**ASKED, "contract_id": "C-wish"}, headers=operator.headers())
    assert answer.status_code == 200, json.dumps(answer.get_json(force=True))
    return answer.get_json()


def test_a_release_whose_key_is_briefly_absent_serves_as_soon_as_the_key_is_back(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    first = installation.train(1)
    installation.serve(first)
    public, away = installation.keys / PUBLIC_NAME, installation.keys / "away"
    public.rename(away)
    releases = installation.watched()
    assert [version(releases) for _ in range(3)] == [None] * 3
    assert releases.refused_because == "no-input"
    away.rename(public)
    assert (version(releases), releases.refused_because) == (first, None)
    [line] = caplog.messages
    assert json.loads(line) == {"event": "release-refused", "why": ANY, "serving": None}


def test_a_release_that_cannot_be_read_for_a_moment_is_tried_again(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = installation.train(1), installation.train(2)
    installation.serve(first)
    releases = installation.watched()
    assert version(releases) == first
    installation.serve(second)
    with monkeypatch.context() as broken:
        broken.setattr("api.releases.load_serving", unreadable)
        assert (version(releases), releases.refused_because) == (first, "unreadable")
    assert (version(releases), releases.refused_because) == (second, None)


def test_a_damaged_release_is_read_once_and_told_once(
    installation: Installation, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (installation.releases / installation.train(1) / "model.joblib").write_bytes(b"")
    installation.serve(next(installation.releases.glob("test-*")).name)
    releases = installation.watched()
    assert version(releases) is None
    monkeypatch.setattr("api.releases.load_serving", None)
    assert (version(releases), releases.refused_because) == (None, "artefact-wrong-size")
    assert len(caplog.messages) == 1


def test_ready_says_what_is_refused_while_the_older_release_serves(
    operator: Operator, installation: Installation
) -> None:
    first, second = installation.train(1), installation.train(2)
    serving = operator.with_service(releases=installation.watched())
    installation.serve(first)
    assert serving.client.get("/ready").get_json()["refused"] is None
    (installation.releases / second / "model.joblib").write_bytes(b"")
    installation.serve(second)
    ready = serving.client.get("/ready")
    assert (ready.status_code, ready.get_json()["release"]) == (200, first)
    assert ready.get_json()["refused"] == "artefact-wrong-size"
    alone = operator.with_service(releases=installation.watched()).client.get("/ready")
    expected = (503, "the release that is set is refused: artefact-wrong-size")
    assert (alone.status_code, alone.get_json(force=True)["detail"]) == expected
