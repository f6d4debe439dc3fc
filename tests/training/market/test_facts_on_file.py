"""What the operator has on file would be believed by somebody from the trade."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from tests.training.market.conftest import Export, day, number

RULEBOOK = Path(__file__).parents[3] / "rulebook"
RANGES = {
    "prix_mensuel_ttc": (4.99, 70.0),
    "cout_service_ht": (1.0, 20.0),
    "options_ttc": (0.0, 9.0),
    "remise_ttc": (0.0, 10.0),
    "age_terminal_mois": (0.0, 120.0),
    "sms_par_mois": (0.0, 20_000.0),
    "data_mo_par_mois": (0.0, 300_000.0),
    "voix_min_par_mois": (0.0, 20_000.0),
    "international_min_par_mois": (0.0, 5_000.0),
    "pannes_12_mois": (0.0, 12.0),
    "jours_panne_3_mois": (0.0, 90.0),
    "jours_panne_12_mois": (0.0, 360.0),
    "contacts_3_mois": (0.0, 40.0),
    "contacts_12_mois": (0.0, 60.0),
    "appels_sortants_12_mois": (0.0, 2.0),
    "refus_au_dossier": (0.0, 2.0),
    "plaintes_publiques": (0.0, 8.0),
    "souhait_mensuel_max_ttc": (4.99, 70.0),
    "souhait_avance_max_ttc": (50.0, 1_000.0),
}
MEDIANS = {
    "prix_mensuel_ttc": (12.0, 22.0),
    "age_terminal_mois": (15.0, 30.0),
    "data_mo_par_mois": (4_000.0, 15_000.0),
    "voix_min_par_mois": (100.0, 220.0),
    "sms_par_mois": (25.0, 80.0),
}
SHARES = {
    "objects": (0.02, 0.06),
    "an open fault": (0.004, 0.03),
    "a public complaint": (0.003, 0.03),
    "a refusal": (0.05, 0.20),
    "a wish": (0.08, 0.30),
    "a wanted device": (0.03, 0.15),
    "no device on file": (0.03, 0.12),
    "bound today": (0.20, 0.50),
    "a second line": (0.03, 0.20),
}


def numbers(export: Export, column: str) -> np.ndarray:
    return np.array([number(row[column]) for row in export.contracts])


@pytest.mark.parametrize("column", RANGES)
def test_every_number_lies_in_its_range(market: Export, column: str) -> None:
    known = numbers(market, column)
    known = known[~np.isnan(known)]
    low, high = RANGES[column]
    assert len(known) > 20
    assert low <= known.min() <= known.max() <= high


@pytest.mark.parametrize("column", MEDIANS)
def test_the_usual_customer_is_an_ordinary_one(market: Export, column: str) -> None:
    low, high = MEDIANS[column]
    assert low <= np.nanmedian(numbers(market, column)) <= high


def test_usage_has_a_long_tail(market: Export) -> None:
    data = numbers(market, "data_mo_par_mois")
    assert data.mean() > 1.5 * np.median(data)
    assert abs(float(np.mean((np.log(data) - np.log(data).mean()) ** 3)) / np.log(data).std() ** 3) < 0.6


def test_tenure_is_skewed_and_nobody_comes_from_the_future(market: Export) -> None:
    days = [(day(row["date_extraction"]) - day(row["client_depuis"])).days for row in market.contracts]
    assert min(days) > 0
    assert 2.0 < np.median(days) / 365.25 < 6.0 < np.quantile(days, 0.9) / 365.25 < max(days) / 365.25 < 27.0


def test_a_few_stand_out_and_most_do_not(market: Export) -> None:
    rows = market.contracts
    customers = [row["numero_client"] for row in rows]
    found = {
        "objects": [row["opposition_profilage"] == "oui" for row in rows],
        "an open fault": [row["panne_en_cours"] != "" for row in rows],
        "a public complaint": [row["plaintes_publiques"] != "0" for row in rows],
        "a refusal": [row["refus_au_dossier"] != "0" for row in rows],
        "a wish": [row["motif_dernier_contact"] != "" for row in rows],
        "a wanted device": [row["souhait_terminal"] != "" for row in rows],
        "no device on file": [row["terminal"] == "" for row in rows],
        "bound today": [
            row["fin_engagement"] != "" and day(row["fin_engagement"]) > day(row["date_extraction"]) for row in rows
        ],
        "a second line": [customers.count(customer) > 1 for customer in customers[:1_000]],
    }
    shares = {name: float(np.mean(flags)) for name, flags in found.items()}
    assert {name: share for name, share in shares.items() if not SHARES[name][0] <= share <= SHARES[name][1]} == {}


def test_commitments_end_within_two_years(market: Export) -> None:
    bound = [row for row in market.contracts if row["fin_engagement"]]
    assert max((day(row["fin_engagement"]) - day(row["date_extraction"])).days for row in bound) <= 731


def test_contracts_have_one_number_each(market: Export) -> None:
    assert len({row["numero_contrat"] for row in market.contracts}) == 5_000
    assert all(re.fullmatch(r"CT\d{7}", row["numero_contrat"]) for row in market.contracts)
    assert all(re.fullmatch(r"CL\d{7}", row["numero_client"]) for row in market.contracts)


def test_wishes_name_devices_and_extras_of_the_rulebook(market: Export) -> None:
    devices = tomllib.loads((RULEBOOK / "devices.toml").read_text("utf-8"))
    extras = tomllib.loads((RULEBOOK / "offers.toml").read_text("utf-8"))["extras"]
    wanted = {row["souhait_terminal"] for row in market.contracts} - {""}
    needed = {need for row in market.contracts for need in row["souhait_options"].split(";")} - {""}
    assert len(wanted) >= 8
    assert wanted <= set(devices)
    assert len(needed) >= 3
    assert needed <= set(extras)


def test_nobody_is_described_by_age_name_or_gender(market: Export) -> None:
    personal = ("naissance", "nom_", "prenom", "sexe", "civilite", "adresse", "iban")
    assert not [(column, word) for column in market.contracts[0] for word in personal if word in column]


def test_the_export_is_as_a_french_spreadsheet_writes_it(market: Export) -> None:
    raw = (market.folder / "contracts.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfnumero_contrat;numero_client;date_extraction;")
    assert raw.count(b"\r\n") == 5_001
    assert re.fullmatch(r"\d+,\d\d", market.contracts[0]["prix_mensuel_ttc"])
    assert re.fullmatch(r"\d\d/\d\d/\d{4}", market.contracts[0]["client_depuis"])
