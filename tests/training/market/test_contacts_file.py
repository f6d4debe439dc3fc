"""The file of the experiment stands alone: facts of the day of the draw and what was offered, read back whole."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from intake.contacts import (
    ACCEPTED,
    CALLED,
    CONTROL,
    DECLINED,
    NONE,
    NOT_REACHED,
    OFFERED,
    Contacts,
    read_contacts,
)
from intake.mapping import read_mapping
from intake.rulebook import read_rulebook
from tests.training.market.conftest import Export, left, number

ROOT = Path(__file__).parents[3]
AS_OF = date(2026, 11, 1)
GROUPS = {"temoin": CONTROL, "appel_sans_offre": CALLED, "appel_avec_offre": OFFERED}
REACTIONS = {"accepte": ACCEPTED, "refuse": DECLINED, "injoignable": NOT_REACHED, "sans_offre": NONE, "": NONE}


@pytest.fixture(scope="module")
def contacts(market: Export) -> Contacts:
    mapping = read_mapping(ROOT / "mappings" / "simulated.toml")
    return read_contacts([market.folder / "contacts.csv"], mapping, read_rulebook(ROOT / "rulebook"), AS_OF)


def cents(cell: str) -> int:
    return int(cell.replace(",", "")) if cell else 0


def test_every_row_is_read_with_its_group_its_chance_its_reaction_and_its_end(
    contacts: Contacts, market: Export
) -> None:
    rows = market.contacts
    assert contacts.bad == []
    assert contacts.window_months == 6
    assert contacts.group.tolist() == [GROUPS[row["groupe"]] for row in rows]
    assert contacts.reaction.tolist() == [REACTIONS[row["reaction"]] for row in rows]
    assert contacts.left.tolist() == left(rows).tolist()
    assert contacts.probability.tolist() == [number(row["probabilite_tirage"]) for row in rows]
    assert contacts.customers.tolist() == [row["numero_client"] for row in rows]


def test_every_term_is_read_as_it_stands(contacts: Contacts, market: Export) -> None:
    rows, terms = market.contacts, contacts.terms
    assert terms.device.shape == contacts.device_price_cents.shape == (1, len(rows))
    assert contacts.devices.tolist() == [row["terminal_propose"] for row in rows]
    assert contacts.device_price_cents[0].tolist() == [cents(row["terminal_prix_ttc"]) for row in rows]
    assert terms.top_up_cents[0].tolist() == [cents(row["reste_a_payer_ttc"]) for row in rows]
    assert terms.commitment_months[0].tolist() == [int(row["engagement_mois"] or 0) for row in rows]
    assert terms.discount_cents[0].tolist() == [cents(row["remise_mensuelle_ttc"]) for row in rows]
    assert terms.credit_cents[0].tolist() == [cents(row["avoir_ttc"]) for row in rows]
    assert (terms.extras[0] > 0).tolist() == [row["option_offerte"] != "" for row in rows]


def test_a_device_of_an_older_generation_keeps_its_name_and_its_price(contacts: Contacts) -> None:
    old = (contacts.devices != "") & (contacts.terms.device[0] == -1)
    assert 0 < old.sum() < (contacts.devices != "").sum()
    assert (contacts.device_price_cents[0, old] > 0).all()


def test_the_facts_are_those_of_the_day_of_the_draw(contacts: Contacts, market: Export) -> None:
    first = {row["numero_contrat"]: row for row in market.history if row["date_extraction"] == "01/11/2023"}
    mine = contacts.dates == np.datetime64("2023-11-01")
    ids, prices = contacts.cases["contract_id"][mine], contacts.cases["price_cents"][mine]
    known = [(price, cents(first[name]["prix_mensuel_ttc"])) for name, price in zip(ids, prices, strict=True)
             if name in first]  # fmt: skip
    assert len(known) > 100
    assert all(one == other for one, other in known)
