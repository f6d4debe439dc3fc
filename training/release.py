"""From rows to a signed release: try out, fit, write the card, sign."""

import dataclasses
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import engine
from engine.errors import Fault, Faults
from models.store import MODEL, golden_rows, model_bytes, write_release
from training.card import Source, card_data, card_files
from training.fit import Fitted, fit
from training.governance.drift import profile_of
from training.protocol import FOLDS, Trial, try_out
from training.rows import Rows
from training.sampling import MOST_ROWS_TO_CHOOSE, drawn_rows, evenly

SEED = 0
FEWEST_OF_A_KIND = 50
GOLDEN_ROWS = 200

Progress = Callable[[int, int], None]
"""Told how many fits are done, and of how many."""


@dataclasses.dataclass(frozen=True)
class Trained:
    """Where the release lies, its card, and the trial behind the card."""

    directory: Path
    card: dict[str, Any]
    trial: Trial


def make_release(rows: Rows, source: Source, releases: Path, key: Ed25519PrivateKey, progress: Progress) -> Trained:
    """Learn from rows and write `releases/<version>`; raises Faults when the rows cannot teach a model.

    The same rows give the same model, byte for byte.
    """
    _check_rows(rows, source)
    done, total = 0, source.shuffles * FOLDS + 1

    def fitted_one() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    drawn = drawn_rows(rows, MOST_ROWS_TO_CHOOSE)
    trial = try_out(rows.take(drawn), source.shuffles, source.true_rate, fitted_one)
    trial = dataclasses.replace(trial, judged=drawn[trial.judged])
    fitted = fit(rows, SEED, source.true_rate)
    fitted_one()
    card = card_data(rows, trial, fitted, source)
    files = {MODEL: model_bytes(fitted.churn), **card_files(card, trial, fitted)}
    manifest = _manifest(rows, source, fitted)
    name = source.mapping.lower().replace("_", "-")
    return Trained(write_release(releases, name, files, manifest, key), card, trial)


def _manifest(rows: Rows, source: Source, fitted: Fitted) -> dict[str, Any]:
    return {
        "window_months": rows.window_months,
        "mapping": source.mapping,
        "mapping_sha256": source.mapping_digest,
        "data_sha256": source.digest,
        "rows": len(rows),
        "true_rate": source.true_rate,
        "seed": SEED,
        "chosen": fitted.chosen,
        "features": list(fitted.churn.encoding.names),
        "until": None if rows.dates is None else str(rows.dates.max()),
        "profile": profile_of(fitted.churn.encoding, rows.columns),
        "versions": {
            "engine": engine.VERSION,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
        "golden": golden_rows(fitted.churn, rows.take(evenly(len(rows), GOLDEN_ROWS)).columns),
    }


def _check_rows(rows: Rows, source: Source) -> None:
    leavers = int(rows.left.sum())
    faults = []
    for kind, count in (("who left", leavers), ("who stayed", len(rows) - leavers)):
        if count < FEWEST_OF_A_KIND:
            what, expected = f"{count} customers {kind}", f"at least {FEWEST_OF_A_KIND}"
            faults.append(
                Fault("too-few-rows", source.mapping, what, expected, "bring more history, or check the label")
            )
    if not rows.columns:
        faults.append(Fault("no-features", source.mapping, "the mapping names no features", "[features]", "name some"))
    if source.true_rate is not None and not 0.0 < source.true_rate < 1.0:
        faults.append(Fault("usage", "--true-rate", f"{source.true_rate}", "a share between 0 and 1", "0.02 for 2 %"))
    if faults:
        raise Faults(faults)
