"""The market as an operator would export it: CSV with semicolons, decimal commas, JJ/MM/AAAA."""

import csv
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.market.campaign import OFFER_CALL, REACTIONS, Wave
from training.market.catalogue import EXTRAS
from training.market.devices import DEVICE_IDS, DEVICE_PRICES_EUR, NO_DEVICE
from training.market.facts import facts_on_file, line_numbers
from training.market.lines import take
from training.market.run import Market, Snapshot
from training.market.terms import Terms
from training.market.weighing import REASONS
from training.market.written import as_date, as_euros, as_whole

Columns = dict[str, NDArray[np.object_]]
CONTRACTS, HISTORY, CONTACTS, TRUTH = "contracts.csv", "history.csv", "contacts.csv", "truth.json"
WINDOW_MONTHS = 6


def write_market(market: Market, directory: Path) -> dict[str, int]:
    """Writes the four files into an existing directory. Returns the data rows of each CSV, by file name."""
    tables = {
        CONTRACTS: facts_on_file(market.today.lines, market.today.day),
        HISTORY: _stacked([_history(market, past) for past, _ in market.past]),
        CONTACTS: _stacked([_contacts(market, past, wave) for past, wave in market.past]),
    }
    for name, columns in tables.items():
        _write_csv(directory / name, columns)
    (directory / TRUTH).write_text(json.dumps(_truth(market), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return {name: len(next(iter(columns.values()))) for name, columns in tables.items()}


def _history(market: Market, past: Snapshot) -> Columns:
    rows = np.flatnonzero(past.undisturbed & ~past.lines["objects"])
    lines = take(past.lines, rows)
    left_on, left = _leavers(market, lines["serial"], past.day)
    outcome = {
        "resilie_6_mois": np.where(left, "oui", "non").astype(object),
        "date_resiliation": as_date(np.where(left, left_on, np.datetime64("NaT"))),
    }
    return {**facts_on_file(lines, past.day), **outcome}


def _leavers(market: Market, serial: NDArray[np.int64], day: np.datetime64) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    left_on = market.left_on[serial]
    end = (day.astype("datetime64[M]") + WINDOW_MONTHS).astype("datetime64[D]")
    return left_on, (left_on >= day) & (left_on < end)


def _contacts(market: Market, past: Snapshot, wave: Wave) -> Columns:
    _, left = _leavers(market, wave.serial, past.day)
    lines = take(past.lines, np.searchsorted(past.lines["serial"], wave.serial))
    chances = [f"{chance:.9f}".replace(".", ",") for chance in wave.probability]
    return {
        **facts_on_file(lines, past.day),
        "date_tirage": as_date(np.full(len(chances), past.day)),
        "date_contact": as_date(wave.day),
        "groupe": np.array(market.truth.arms, dtype=object)[wave.arm],
        "probabilite_tirage": np.array(chances, dtype=object),
        **_offered(wave.terms, wave.arm == OFFER_CALL),
        "reaction": np.array(REACTIONS, dtype=object)[wave.reaction],
        "motif_refus": np.array([*REASONS, ""], dtype=object)[wave.reason],
        "resilie_6_mois": np.where(left, "oui", "non").astype(object),
    }


def _offered(terms: Terms, made: NDArray[np.bool_]) -> Columns:
    device = made & (terms.device != NO_DEVICE)
    extra = np.array([*EXTRAS, ""], dtype=object)[terms.extra]
    return {
        "terminal_propose": np.where(device, DEVICE_IDS[terms.device], ""),
        "terminal_prix_ttc": as_euros(np.where(device, DEVICE_PRICES_EUR[terms.device], np.nan)),
        "reste_a_payer_ttc": as_euros(np.where(device, terms.top_up_eur, np.nan)),
        "engagement_mois": as_whole(np.where(made, terms.months, np.nan)),
        "remise_mensuelle_ttc": as_euros(np.where(made, terms.discount_eur, np.nan)),
        "avoir_ttc": as_euros(np.where(made, terms.credit_eur, np.nan)),
        "option_offerte": np.where(made, extra, ""),
    }


def _stacked(parts: list[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _write_csv(path: Path, columns: Mapping[str, NDArray[np.object_]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _truth(market: Market) -> dict[str, Any]:
    prices = np.round(market.rival.prices_eur, 4).tolist()
    months = np.datetime_as_string(market.months).tolist()
    kinds = np.array(market.truth.kinds)[market.today.lines["kind"]]
    return {
        "note": "for evaluation only: no operator knows any of this",
        "parameters": asdict(market.truth),
        "rival_prices_eur_by_month": dict(zip(months, prices, strict=True)),
        "kind_by_contract": dict(zip(line_numbers(market.today.lines["serial"]), kinds.tolist(), strict=True)),
    }
