"""What several models decided under several rulebooks comes out again to the byte, wherever it is decided again."""

import datetime
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from api.offer import answer
from api.releases import Releases
from api.rulebooks import Rulebooks
from api.service import Service
from engine.rulebook import parse_rulebook
from intake.rulebook import read_rulebook
from ledger import queries, writer
from ledger.store import reading, writing
from models.store import Release
from tests.api.world import ROOT, put_in_force
from tests.batch.world import TODAY, drawn, holder, open_small, write_csv
from tests.engine.chances import texts_left_to_chance
from tests.faults.conftest import Figure
from tests.faults.decided_again import ASKED_AT, PARIS, RELEASES, by_what_decided
from tests.faults.operators import Place
from tests.faults.test_stale import changed
from tests.records import faults_of_records

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
UTF8 = {"LC_ALL": "C.UTF-8"}
ENVIRONMENTS = (
    {**UTF8, "PYTHONHASHSEED": "0", "TZ": "UTC", "OMP_NUM_THREADS": "1"},
    {**ASCII, "PYTHONHASHSEED": "1", "TZ": "America/St_Johns", "OMP_NUM_THREADS": "2"},
    {**UTF8, "PYTHONHASHSEED": "4242", "TZ": "Pacific/Kiritimati", "OPENBLAS_CORETYPE": "Prescott"},
)
"""Locale, order of sets, clock, threads and kernel of the linear algebra."""

WISHES = ({}, {"device": "galaxy-a17", "max_commitment_months": 12}, {"max_monthly_cents": 1_990})
RULEBOOKS = Rulebooks()
DAYS = (TODAY, TODAY + datetime.timedelta(190))


class Served(Releases):
    """One release, served without a folder."""

    def __init__(self, release: Release) -> None:
        super().__init__(None, ROOT)
        self._release = release

    def current(self) -> Release:
        return self._release


def decide_all(store: Engine, folder: Path, questions: int, seed: int) -> list[bytes]:
    """The answers to one question on each of many contracts: every release under every rulebook on every day."""
    shipped = read_rulebook(ROOT / "rulebook")
    chance = parse_rulebook(texts_left_to_chance(shipped.texts, control=0.1, explore=0.3))
    rulebooks = (shipped, chance, changed(chance, "floor_cents_12", 2_000))
    source, mapping = open_small(write_csv(folder / "drawn.csv", drawn(questions, seed)), folder)
    with writing(store) as connection:
        for chunk in source.chunks():
            on_file = writer.Source("m" * 64, TODAY, mapping.carried)
            writer.save_contracts(connection, chunk.cases, chunk.features, on_file)
    agent, answers = holder(store, "agent"), []
    numbers = iter(np.array_split(np.arange(questions), len(DAYS) * len(rulebooks) * len(RELEASES)))
    for day, rulebook in itertools.product(DAYS, rulebooks):
        put_in_force(store, rulebook)
        moment = datetime.datetime.combine(day, ASKED_AT, tzinfo=datetime.UTC)
        for release in RELEASES.values():
            service = Service(store, RULEBOOKS, Served(release), PARIS, clock=lambda at=moment: at)  # type: ignore[misc]
            answers += [answer(service, agent, question(number)) for number in next(numbers).tolist()]
    return answers


def question(number: int) -> dict[str, Any]:
    """What is asked of one contract: half of them say what they wish."""
    asked = {"contract_id": f"C-{number}", "channel": "phone_in", "reason_for_contact": "complaint"}
    return {**asked, "wants": WISHES[number // 2 % len(WISHES)]} if number % 2 else asked


def told_by(place: Place, environment: dict[str, str], *command: str) -> dict[str, int]:
    """What a process of another environment prints."""
    environment = {**os.environ, **environment, "COUNTEROFFER_DATABASE": place.database}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.mark.shows("C1", "C3")
@pytest.mark.in_parts(5)
def test_every_decision_comes_out_again_whatever_decides_it_again(
    place: Place, seed: int, soak: bool, parts: int, figure: Figure
) -> None:
    questions = 50_000 // parts if soak else 5_000
    store = place.open()
    answers = decide_all(store, place.folder, questions, seed)
    with reading(store) as connection:
        rows = [row for page in queries.pages_of_decisions(connection) for row in page]
    assert [bytes(row.answer) for row in rows] == answers
    decided_by = {by_what_decided(row) for row in rows}
    assert [len(set(found)) for found in zip(*decided_by, strict=True)] == [3, 3, 2]
    assert faults_of_records(store) == []
    store.dispose()
    replay = ("-c", "from commands.main import main; main()", "replay", "--all", "--json")
    for environment in ENVIRONMENTS:
        replayed = {"replayed": questions, "differ": 0, "erased": 0, "purged": 0}
        assert told_by(place, environment, *replay) == replayed, environment
    again = told_by(place, ENVIRONMENTS[1], "-m", "tests.faults.decided_again", place.database)
    assert again == {"decided": questions, "differ": 0}
    figure(
        f"{questions} decisions of 3 models under 3 rulebooks, every record as its schema says: replayed in "
        f"{len(ENVIRONMENTS)} environments, scored and decided anew in a batch in one: 0 differ"
    )
