"""The draws of a market as the product reads them: in memory as a history of contacts, and as an operator's files."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.markets.market import REACTIONS, Contacts
from benchmarks.markets.people import People
from benchmarks.markets.shelf import Shelf, cases_of
from engine.terms import Terms
from intake import contacts as history
from intake.contact_columns import GROUPS
from intake.contact_columns import REACTIONS as KNOWN

MAPPING = Path(__file__).with_name("market.toml")
"""The mapping of the files that are written here."""


def features_of(people: People) -> dict[str, NDArray[Any]]:
    """All that is known of customers [n], numbers as float64 and texts as objects, for a model to learn from."""
    known = {**people.facts, **people.features}
    return {name: column if column.dtype == object else column.astype(np.float64) for name, column in known.items()}


def as_history(contacts: Contacts, shelf: Shelf) -> history.Contacts:
    """The same contacts as `intake.contacts.read_contacts` would read them from a file."""
    n, offered = len(contacts), contacts.offered
    listed = shelf.in_force.catalogue.listed.priced.terms
    made = offered >= 0
    terms = Terms(*(column.T for column in vars(listed.picked(offered)).values()))
    goods, cases = shelf.in_force.catalogue.goods, cases_of(contacts.people)
    return history.Contacts(
        name="benchmark_market",
        design="randomised",
        window_months=6,
        cases=cases,
        features=features_of(contacts.people),
        customers=cases["contract_id"],
        agents=None,
        dates=None,
        group=np.where(made, GROUPS.index("offered"), GROUPS.index("control")),
        probability=contacts.probability,
        reaction=np.array([KNOWN.index(name) for name in REACTIONS])[contacts.reaction],
        left=contacts.left,
        terms=terms,
        device_price_cents=goods.device_price_cents[terms.device],
        devices=np.array([*goods.device_ids, ""], dtype=object)[terms.device[0]],
        bad=[],
        notes=[],
        digest=f"{n} contacts drawn",
    )


def write_contracts(people: People, path: Path) -> None:
    """The customers as an operator's CSV file, to be scored."""
    _write(path, _book(people))


def write_contacts(contacts: Contacts, shelf: Shelf, path: Path) -> None:
    """The contacts as an operator's CSV file, to learn from."""
    made = contacts.offered >= 0
    ids = np.where(made, shelf.in_force.catalogue.offer_ids[contacts.offered], "")
    what = {
        "group": np.where(made, "offered", "control"),
        "offer_id": ids,
        "probability": contacts.probability,
        "reaction": np.array(REACTIONS)[contacts.reaction],
        "left": np.where(contacts.left, "yes", "no"),
    }
    _write(path, _book(contacts.people) | what)


def _book(people: People) -> dict[str, Any]:
    cases = cases_of(people)
    dated = {name: cases[name].astype(str) for name in ("customer_since", "commitment_end")}
    dated = {name: np.where(column == "NaT", "", column) for name, column in dated.items()}
    return {"contract_id": cases["contract_id"], **dated, **people.facts, **people.features}


def _write(path: Path, columns: Mapping[str, Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*(_texts(column) for column in columns.values()), strict=True))


def _texts(column: NDArray[Any]) -> list[Any]:
    """The cells of a column; a number that is missing is blank."""
    if column.dtype.kind != "f":
        return column.tolist()
    return ["" if np.isnan(value) else repr(value) for value in column.tolist()]
