"""A small operator's file, written by hand or drawn from a seed, its mapping, and a release that scores it."""

import csv
import datetime
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine

from batch.deciding import Job
from engine.rulebook import Rulebook
from intake.mapping import Mapping, read_mapping
from intake.reading import Reading
from intake.rulebook import read_rulebook
from ledger import writer
from ledger.keys import KeyHolder, authenticate
from ledger.store import reading, writing
from models.store import Release
from tests.models.learned import random_churn

ROOT = Path(__file__).parents[2]
DATA = ROOT / "../shared/data"
TODAY = datetime.date(2026, 11, 23)
HEADER = [
    *("contract", "customer", "price", "since", "ends", "fault", "objects", "language"),
    *("device", "most_monthly", "needs", "reason", "p_churn", "n0", "n1", "c0"),
]
MAPPING = """
format = 1
name = "small"

[dialect]
separator = ","
decimal = "."
dates = "YYYY-MM-DD"

[facts]
contract_id = "contract"
customer_id = "customer"
price_cents = { column = "price", unit = "EUR incl. VAT" }
customer_since = "since"
commitment_end = "ends"
open_fault = "fault"
objects_to_profiling = { column = "objects", yes = ["yes"], no = ["no"] }
language = "language"
wants_device = "device"
wants_max_monthly_cents = { column = "most_monthly", unit = "EUR incl. VAT" }
wants_needs = "needs"
reason_for_contact = "reason"
p_churn = "p_churn"

[assumptions]
cost_to_serve_cents = { value = 400, because = "the file holds no costs" }
channel = { value = "phone_in", because = "these customers call" }

[features]
numeric = ["n0", "n1"]
categorical = ["c0"]
"""


@cache
def small_rulebook() -> Rulebook:
    return read_rulebook(ROOT / "rulebook")


def release() -> Release:
    """A release over the features of `MAPPING`, made without training."""
    return Release("random-1", 6, random_churn(1, numeric=2, categorical=1), {})


def write_mapping(folder: Path) -> Path:
    path = folder / "small.toml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def write_csv(path: Path, rows: Iterable[Iterable[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([HEADER, *rows])
    return path


def ordinary(number: int, **changes: Any) -> list[Any]:
    """One good row; `changes` by the names of HEADER."""
    row = {
        "contract": f"C-{number}",
        "customer": f"K-{number}",
        "price": "24.90",
        "since": "2019-05-01",
        "ends": "2026-12-31",
        "objects": "no",
        "language": "fr",
        "reason": "information",
        "n0": "0.5",
        "n1": "-0.5",
        "c0": "fibre",
    }
    return [{**row, **changes}.get(name, "") for name in HEADER]


def drawn(count: int, seed: int) -> list[list[Any]]:
    """Good rows that differ in everything: wishes, faults, objections, stored chances, missing features."""
    rng = np.random.default_rng(seed)

    def one_of(*values: str) -> str:
        return str(rng.choice(np.array(values, dtype=object)))

    return [
        ordinary(
            number,
            price=f"{rng.integers(500, 9000) / 100:.2f}",
            since=str(np.datetime64("2026-11-01") - rng.integers(1, 5000)),
            ends=str(np.datetime64("2026-11-23") + rng.integers(-100, 400)) if rng.random() < 0.8 else "",
            fault=one_of("", "", "", "", "", "no signal"),
            objects=one_of("no", "no", "no", "no", "yes"),
            language=one_of("fr", "nl", "en"),
            device=one_of("", "", "", "galaxy-a17", "galaxy-s25"),
            most_monthly=one_of("", "", "", "19.90", "9.90"),
            needs=one_of("", "", "", "data_20gb", "sms_unlimited"),
            reason=one_of("information", "complaint", "wants_to_leave", "port_requested", "asks_for_offer"),
            p_churn=one_of("", "", "0.4", "0.05"),
            n0=one_of("", "0.1", "-2"),
            n1=one_of("", "1.5", "3"),
            c0=one_of("", "fibre", "cable", "satellite"),
        )
        for number in range(count)
    ]


def open_small(path: Path, folder: Path) -> tuple[Reading, Mapping]:
    mapping = read_mapping(write_mapping(folder))
    return Reading([path], mapping, TODAY), mapping


def job(**changes: Any) -> Job:
    return Job(**{"release": release(), "rulebook": small_rulebook(), "today": TODAY, **changes})


def holder(store: Engine, role: str) -> KeyHolder:
    with writing(store) as connection:
        key = writer.create_key(connection, f"{role}-1", role)
    with reading(store) as connection:
        found = authenticate(connection, key)
    assert found is not None
    return found


def ignore(done: int) -> None:
    """Takes the progress of a run."""
