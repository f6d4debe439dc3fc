"""The file of the experiment stands alone: facts of the day of the draw and what was offered, read back whole."""

import numpy as np

from intake.contacts import (
    ACCEPTED,
    CALLED,
    CONTROL,
    DECLINED,
    NONE,
    NOT_REACHED,
    OFFERED,
    Contacts,
)
from tests.training.market.conftest import Export, left, number

GROUPS = {"temoin": CONTROL, "appel_sans_offre": CALLED, "appel_avec_offre": OFFERED}
REACTIONS = {"accepte": ACCEPTED, "refuse": DECLINED, "injoignable": NOT_REACHED, "sans_offre": NONE, "": NONE}


def cents(cell: str) -> int:
    return int(cell.replace(",", "")) if cell else 0


def test_every_row_is_read_with_its_group_its_chance_its_reaction_and_its_end(drawn: Contacts, market: Export) -> None:
    rows = market.contacts
    assert drawn.bad == []
    assert drawn.window_months == 6
    assert drawn.group.tolist() == [GROUPS[row["groupe"]] for row in rows]
    assert drawn.reaction.tolist() == [REACTIONS[row["reaction"]] for row in rows]
    assert drawn.left.tolist() == left(rows).tolist()
    assert drawn.probability.tolist() == [number(row["probabilite_tirage"]) for row in rows]
    assert drawn.customers.tolist() == [row["numero_client"] for row in rows]


def test_every_term_is_read_as_it_stands(drawn: Contacts, market: Export) -> None:
    rows, terms = market.contacts, drawn.terms
    assert terms.device.shape == drawn.device_price_cents.shape == (1, len(rows))
    assert drawn.devices.tolist() == [row["terminal_propose"] for row in rows]
    assert drawn.device_price_cents[0].tolist() == [cents(row["terminal_prix_ttc"]) for row in rows]
    assert terms.top_up_cents[0].tolist() == [cents(row["reste_a_payer_ttc"]) for row in rows]
    assert terms.commitment_months[0].tolist() == [int(row["engagement_mois"] or 0) for row in rows]
    assert terms.discount_cents[0].tolist() == [cents(row["remise_mensuelle_ttc"]) for row in rows]
    assert terms.credit_cents[0].tolist() == [cents(row["avoir_ttc"]) for row in rows]
    assert (terms.extras[0] > 0).tolist() == [row["option_offerte"] != "" for row in rows]


def test_a_device_of_an_older_generation_keeps_its_name_and_its_price(drawn: Contacts) -> None:
    old = (drawn.devices != "") & (drawn.terms.device[0] == -1)
    assert 0 < old.sum() < (drawn.devices != "").sum()
    assert (drawn.device_price_cents[0, old] > 0).all()


def test_the_facts_are_those_of_the_day_of_the_draw(drawn: Contacts, market: Export) -> None:
    first = {row["numero_contrat"]: row for row in market.history if row["date_extraction"] == "01/11/2023"}
    mine = drawn.dates == np.datetime64("2023-11-01")
    ids, prices = drawn.cases["contract_id"][mine], drawn.cases["price_cents"][mine]
    known = [(price, cents(first[name]["prix_mensuel_ttc"])) for name, price in zip(ids, prices, strict=True)
             if name in first]  # fmt: skip
    assert len(known) > 100
    assert all(one == other for one, other in known)
