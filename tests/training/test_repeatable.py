"""The same rows give the same artefact and the same card, byte for byte."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import hashlib
from models.store import model_bytes
from training.card import Source, card_data, card_files
from training.fit import fit
from training.protocol import Trial, try_out
from tests.training.made_up import made_up_rows
rows = made_up_rows(2_000, 1)
fitted, trial = fit(rows, 0), try_out(rows, 1, None, lambda: None)
card = card_data(rows, trial, fitted, Source("made_up", "0", (), "0", None, 1))
for content in (model_bytes(fitted.churn), *card_files(card, trial, fitted).values()):
    print(hashlib.sha256(content).hexdigest())
"""


def digests(hash_seed: str, threads: str) -> list[str]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "OMP_NUM_THREADS": threads}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.split()


@pytest.mark.long
def test_another_process_makes_the_same_bytes() -> None:
    first, second = digests("0", "1"), digests("12345", "2")
    assert len(first) == 3
    assert first == second
