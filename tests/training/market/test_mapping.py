"""One mapping reads today's book and the history, and no feature knows how the story ends."""

from datetime import date
from pathlib import Path

import numpy as np

from intake.labelled import read_labelled
from intake.mapping import read_mapping
from intake.reading import Reading
from tests.training.market.conftest import Export, left

MAPPING = Path(__file__).parents[3] / "mappings" / "simulated.toml"
AS_OF = date(2026, 11, 1)


def test_the_history_is_read_whole_with_its_label_dates_and_customers(market: Export) -> None:
    rows = read_labelled([market.folder / "history.csv"], read_mapping(MAPPING), AS_OF)
    assert rows.bad == []
    assert rows.label.tolist() == left(market.history).astype(float).tolist()
    assert rows.window_months == 6
    assert rows.groups.tolist() == [row["numero_client"] for row in market.history]
    assert rows.dates is not None
    assert len(np.unique(rows.dates)) == 6


def test_no_feature_knows_how_the_story_ends(market: Export) -> None:
    mapping = read_mapping(MAPPING)
    rows = read_labelled([market.folder / "history.csv"], mapping, AS_OF)
    read = mapping.raw_columns([*mapping.numeric, *mapping.categorical])
    assert set(rows.features) == {*mapping.numeric, *mapping.categorical}
    assert read <= set(market.contracts[0])
    assert not {column for column in read if column.startswith(("resili", "date_resili", "souhait", "motif", "canal"))}


def test_todays_book_is_read_whole_without_a_label(market: Export) -> None:
    chunks = list(Reading([market.folder / "contracts.csv"], read_mapping(MAPPING), AS_OF).chunks())
    assert [row for chunk in chunks for row in chunk.bad] == []
    facts = chunks[0].cases
    rows = market.contracts
    assert facts["contract_id"].tolist() == [row["numero_contrat"] for row in rows]
    assert facts["price_cents"].tolist() == [int(row["prix_mensuel_ttc"].replace(",", "")) for row in rows]
    assert facts["cost_to_serve_cents"].tolist() == [int(row["cout_service_ht"].replace(",", "")) for row in rows]
    assert facts["wants_device"].tolist() == [row["souhait_terminal"] for row in rows]
    assert [";".join(names) for names in facts["wants_needs"]] == [row["souhait_options"] for row in rows]
    assert set(facts["channel"]) == {"phone_out", "phone_in", "shop", "web", "social"}
    assert set(facts["reason_for_contact"]) == {
        "information",
        "complaint",
        "wants_to_leave",
        "port_requested",
        "asks_for_offer",
    }
    assert np.isnat(facts["commitment_end"]).tolist() == [row["fin_engagement"] == "" for row in rows]
