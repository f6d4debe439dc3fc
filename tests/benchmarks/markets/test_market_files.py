"""The contacts of a market come to the product through a file as they come in memory."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.markets import make_market
from benchmarks.markets.files import MAPPING, as_history, write_contacts, write_contracts
from benchmarks.markets.shelf import TODAY, cases_of
from intake.contacts import read_contacts
from intake.mapping import read_mapping
from intake.reading import Reading


@pytest.mark.parametrize("kind", ["smooth", "wary"])
def test_a_file_of_contacts_reads_as_the_history_in_memory(kind: str, tmp_path: Path) -> None:
    market = make_market(kind, 1)
    contacts = market.draw_contacts(800, np.random.default_rng(0))
    write_contacts(contacts, market.shelf, tmp_path / "contacts.csv")
    told = as_history(contacts, market.shelf)
    read = read_contacts([tmp_path / "contacts.csv"], read_mapping(MAPPING), market.shelf.rulebook, TODAY)
    assert not read.bad
    for name in ("customers", "group", "probability", "reaction", "left", "device_price_cents", "devices"):
        np.testing.assert_array_equal(getattr(read, name), getattr(told, name))
    for name, column in vars(told.terms).items():
        np.testing.assert_array_equal(getattr(read.terms, name), column)
    for name, column in told.features.items():
        np.testing.assert_array_equal(read.features[name], column)
    for name, column in told.cases.items():
        np.testing.assert_array_equal(read.cases[name], column)


def test_a_file_of_contracts_reads_as_the_cases_in_memory(tmp_path: Path) -> None:
    market = make_market("classes", 1)
    people = market.people(300, np.random.default_rng(0))
    write_contracts(people, tmp_path / "contracts.csv")
    (chunk,) = Reading([tmp_path / "contracts.csv"], read_mapping(MAPPING), TODAY).chunks(1_000)
    assert not chunk.bad
    for name, column in cases_of(people).items():
        np.testing.assert_array_equal(chunk.cases[name], column)
