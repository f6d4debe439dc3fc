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
from models.churn import Churn
from models.response import LearnedResponse
from models.store import (
    MODEL,
    RESPONSE,
    golden_responses,
    golden_rows,
    model_bytes,
    response_bytes,
    write_release,
)
from training.card import Source, card_data, card_files
from training.drift import profile_of
from training.fit import Fitted, fit
from training.protocol import FOLDS, Trial, try_out
from training.rows import Rows
from training.sampling import MOST_ROWS_TO_CHOOSE, drawn_rows, evenly

SEED = 0
FEWEST_OF_A_KIND = 50
GOLDEN_ROWS = 200


@dataclasses.dataclass(frozen=True)
class Place:
    """The folder of the releases, and the key that signs them."""

    releases: Path
    key: Ed25519PrivateKey


Progress = Callable[[int, int], None]
"""Told how many fits are done, and of how many."""


@dataclasses.dataclass(frozen=True)
class Trained:
    """Where the release lies, its card, and the trial behind the card."""

    directory: Path
    card: dict[str, Any]
    trial: Trial


@dataclasses.dataclass(frozen=True)
class Taught:
    """What was learned of how customers react, and from which contacts under the priors of which rulebook."""

    response: LearnedResponse
    contacts: int
    contacts_digest: str
    rulebook_digest: str


Teach = Callable[[Churn], Taught]
"""Learns a response that is anchored on a churn model."""


def make_release(rows: Rows, source: Source, place: Place, progress: Progress, teach: Teach | None = None) -> Trained:
    """Learn from rows and write `releases/<version>`; raises Faults when the rows cannot teach a model.

    The same rows give the same model, byte for byte. `teach` learns a response beside the churn model.
    """
    check_rows(rows, source)
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
    return sign_release(rows, source, place, (trial, fitted), teach(fitted.churn) if teach else None)


def sign_release(
    rows: Rows, source: Source, place: Place, judged: tuple[Trial, Fitted], taught: Taught | None
) -> Trained:
    """Write a release of a churn model, as the trial judged it, and of the response that was learned beside it."""
    trial, fitted = judged
    card = card_data(rows, trial, fitted, source)
    files = {MODEL: model_bytes(fitted.churn), **card_files(card, trial, fitted)}
    manifest = _manifest(rows, source, fitted)
    if taught is not None:
        files[RESPONSE] = response_bytes(taught.response)
        manifest["golden_responses_sha256"] = golden_responses(taught.response, manifest["golden"])
        manifest["contacts"] = {
            "rows": taught.contacts,
            "sha256": taught.contacts_digest,
            "rulebook_sha256": taught.rulebook_digest,
        }
    name = source.mapping.lower().replace("_", "-")
    return Trained(write_release(place.releases, name, files, manifest, place.key), card, trial)


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


def check_rows(rows: Rows, source: Source) -> None:
    """Raises Faults, all at once, where the rows cannot teach a model."""
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
