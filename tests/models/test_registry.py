"""Which release serves: signed, replaced whole, never an older one put back."""

import json
import os
import random
import shutil
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Faults
from models.keys import signing_key
from models.manifest import sign_manifest
from models.registry import (
    APPROVED,
    HEAD,
    PROPOSED,
    REGISTRY,
    ROLLED_BACK,
    Overtaken,
    Period,
    Registry,
    add_act,
    load_serving,
    load_version,
    read_registry,
    set_current,
)
from models.store import golden_rows, model_bytes, write_release
from tests.models.learned import random_churn, random_customers

NOW = "2026-11-23T11:00:00Z"


class House:
    """A folder of releases and the key that signs them."""

    def __init__(self, folder: Path) -> None:
        self.releases, self.keys = folder / "releases", folder / "keys"
        self.first, self.second = self.train(1), self.train(2)

    def train(self, seed: int) -> str:
        churn = random_churn(seed, numeric=2, categorical=1)
        files = {"model.joblib": model_bytes(churn), "card.json": b"{}", "card.html": b""}
        manifest = {"window_months": 6, "golden": golden_rows(churn, random_customers(churn, 20, seed, odd=(np.nan,)))}
        return write_release(self.releases, "test", files, manifest, signing_key(self.keys)).name

    def serve(self, version: str) -> None:
        set_current(self.releases, self.keys, version, "a test", NOW)

    @property
    def registry(self) -> Registry:
        return read_registry(self.releases, self.keys)

    def refusal(self) -> str:
        with pytest.raises(Faults) as caught:
            load_serving(self.releases, self.keys)
        [fault] = caught.value.faults
        return fault.code


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def act(kind: str, version: str, at: str = NOW) -> dict[str, str]:
    return {"act": kind, "version": version, "by": "a test", "at": at}


def test_before_the_first_act_nothing_serves(house: House) -> None:
    assert (house.registry, house.registry.serving, load_serving(house.releases, house.keys)) == (
        Registry(),
        None,
        None,
    )


def test_what_was_set_serves_and_one_rollback_after_another_leads_back() -> None:
    acts = [
        act("set", "a-1"),
        act(PROPOSED, "b-2"),
        act(APPROVED, "b-2"),
        act(APPROVED, "c-3"),
        act(ROLLED_BACK, "b-2"),
    ]
    steps = [Registry(tuple(acts[:length])) for length in range(len(acts) + 1)]
    assert [step.serving for step in steps] == [None, "a-1", "a-1", "b-2", "c-3", "b-2"]
    assert [step.before for step in steps] == [None, None, None, "a-1", "b-2", "a-1"]
    assert [step.proposed and step.proposed["version"] for step in steps] == [None, None, "b-2", None, None, None]
    assert Registry((*acts, act(ROLLED_BACK, "a-1"))).serving == "a-1"


def test_the_registry_says_who_served_when() -> None:
    acts = (act("set", "a-1", "1"), act(PROPOSED, "b-2", "2"), act(APPROVED, "b-2", "3"), act(ROLLED_BACK, "a-1", "4"))
    assert Registry(acts).served == [Period("a-1", "1", "3"), Period("b-2", "3", "4"), Period("a-1", "4", None)]


def test_an_older_registry_put_back_is_refused(house: House) -> None:
    house.serve(house.first)
    old = (house.releases / REGISTRY).read_bytes()
    house.serve(house.second)
    (house.releases / REGISTRY).write_bytes(old)
    assert house.refusal() == "registry-older"
    (house.releases / REGISTRY).unlink()
    assert house.refusal() == "registry-older"


def test_an_older_release_under_the_name_of_the_one_that_serves_is_refused(house: House) -> None:
    house.serve(house.second)
    shutil.rmtree(house.releases / house.second)
    shutil.copytree(house.releases / house.first, house.releases / house.second)
    assert house.refusal() == "artefact-other-version"


def test_a_registry_that_is_not_ours_is_refused(house: House, tmp_path: Path) -> None:
    house.serve(house.first)
    path, sound = house.releases / REGISTRY, (house.releases / REGISTRY).read_bytes()
    path.write_bytes(sound.replace(house.first.encode(), house.second.encode()))
    assert house.refusal() == "artefact-unsigned"
    for cut in (0, 10, len(sound) - 1):
        path.write_bytes(sound[:cut])
        assert house.refusal() == "artefact-unsigned"
    path.write_bytes(sign_manifest({"kind": "registry", "format": 1, "acts": []}, signing_key(tmp_path / "stranger")))
    assert house.refusal() == "artefact-wrong-key"
    path.write_bytes((house.releases / house.first / "manifest.json").read_bytes())
    assert house.refusal() == "registry-wrong-format"
    path.unlink()
    path.symlink_to(house.releases / house.first / "manifest.json")
    assert house.refusal() == "artefact-not-a-file"


def test_who_decided_on_an_older_registry_is_overtaken(house: House) -> None:
    house.serve(house.first)
    with pytest.raises(Overtaken):
        add_act(house.releases, house.keys, act(APPROVED, house.second), over=0)
    assert house.registry.serving == house.first


def test_of_many_at_once_each_act_is_kept_or_overtaken(house: House) -> None:
    kept: list[int] = []

    def work(number: int) -> None:
        for _ in range(10):
            over = house.registry.sequence
            try:
                kept.append(add_act(house.releases, house.keys, act("set", f"v-{number}"), over).sequence)
            except Overtaken:
                continue

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == list(range(1, house.registry.sequence + 1))


def test_a_release_is_served_by_its_version_and_no_path(house: House) -> None:
    for version in ("../keys", "/etc", ".", "A", "", "a/b"):
        house.serve(version)
        assert house.refusal() == "release-name"


def change_without_end(house: House) -> None:
    """Train, let serve, every third time go back; until somebody kills this process."""
    while True:
        registry = house.registry
        version, kind = house.train(registry.sequence), APPROVED
        if registry.sequence % 3 == 2 and registry.before is not None:
            version, kind = registry.before, ROLLED_BACK
        add_act(house.releases, house.keys, act(kind, version), registry.sequence)


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.long)])
def test_whoever_is_killed_while_training_promoting_or_rolling_back_leaves_the_old_or_the_new(
    house: House, kills: int
) -> None:
    house.serve(house.first)
    house.serve(house.second)
    before, chance = house.registry.sequence, random.Random(6)
    for _ in range(kills):
        child = os.fork()
        if child == 0:
            try:
                change_without_end(house)
            finally:
                os._exit(1)
        time.sleep(chance.uniform(0.0, 0.1))
        os.kill(child, signal.SIGKILL)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
        found, serving = house.registry, load_serving(house.releases, house.keys)
        assert found.sequence >= before
        assert 0 < int((house.keys / HEAD).read_text()) <= found.sequence
        assert serving is not None
        assert serving.version == found.serving
        before = found.sequence
    house.serve(house.first)
    assert not list(house.releases.glob(f".{REGISTRY}.*"))
    assert before > kills // 4
    for path in house.releases.glob("test-*"):
        assert load_version(house.releases, house.keys, path.name).version == path.name


def test_the_registry_is_plain_json_that_anybody_can_read(house: House) -> None:
    house.serve(house.first)
    told = json.loads((house.releases / REGISTRY).read_text())
    assert told["acts"] == [act("set", house.first)]
    assert sorted(os.listdir(house.releases)) == sorted([REGISTRY, house.first, house.second])
