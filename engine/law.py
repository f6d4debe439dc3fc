"""French telecom law as of one day: the dated numbers of law-fr.toml that the kernel needs."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import Fault, Faults
from engine.policy import in_force
from engine.tables import MICRO

ALL_DUES = -1
LONGEST_COMMITMENT_MONTHS = 24
STATUTE_SILENT_MONTHS = 12


@dataclass(frozen=True)
class ExitRule:
    """What leaving a longer commitment costs from the end of some month: at most a share of the sum still due."""

    id: str
    free_after_months: int
    share_micro: int


@dataclass(frozen=True, eq=False)
class Law:
    """Numbers of the law on one day; `exits` are the rules for offers of that day (without, with a handset)."""

    vat_micro: int
    longest_commitment_months: int
    twin_months: int | None
    exits: tuple[ExitRule | None, ExitRule | None]
    exit_shares_micro: NDArray[np.int64]
    unverified: tuple[str, ...]


def law_as_of(document: Mapping[str, Any], today: datetime.date) -> Law:
    """The law in force on a day. Raises Faults where a number that every decision needs is missing."""
    needed = {name: in_force(document[name], today) if name in document else None for name in ("FR-VAT", "FR-MAX24")}
    if missing := [name for name, line in needed.items() if line is None]:
        raise Faults(
            Fault("number-missing", "law-fr.toml", f"{name} has no value on {today}", "a dated value", "add one")
            for name in missing
        )
    vat, longest = needed["FR-VAT"], needed["FR-MAX24"]
    assert vat is not None
    assert longest is not None
    twin = in_force(document["FR-TWIN12"], today) if "FR-TWIN12" in document else None
    exits = exit_rules(document, today)
    return Law(
        vat_micro=round(vat["share"] * MICRO),
        longest_commitment_months=longest["months"],
        twin_months=twin["months"] if twin else None,
        exits=exits,
        exit_shares_micro=exit_shares_micro(exits),
        unverified=tuple(name for name, rule in document.items() if not rule["verified"]),
    )


def exit_rules(document: Mapping[str, Any], concluded: datetime.date) -> tuple[ExitRule | None, ExitRule | None]:
    """The rule for contracts concluded on a day (without, with a subsidised handset); None where the law is silent.

    FR-EXIT-A and B from 2023, renewals of older contracts included (FR-EXIT-E: the customer-friendly reading);
    FR-EXIT-C before. Sources: law-fr.toml.
    """
    in_order = (("FR-EXIT-A", "FR-EXIT-C"), ("FR-EXIT-B", "FR-EXIT-C"))
    plain, handset = (_first_in_force(document, names, concluded) for names in in_order)
    return plain, handset


def _first_in_force(document: Mapping[str, Any], names: tuple[str, ...], day: datetime.date) -> ExitRule | None:
    for name in names:
        if name in document and (line := in_force(document[name], day)):
            return ExitRule(name, line["free_after_months"], round(line["share"] * MICRO))
    return None


def exit_shares_micro(rules: tuple[ExitRule | None, ExitRule | None]) -> NDArray[np.int64]:
    """The share of the sum still due that leaving may cost, in 1e-6, [2, 25, 25] by subsidy, commitment, months done.

    ALL_DUES (-1) before the end of month 12 and for commitments of up to 12 months: the contract's own terms apply
    there (FR-EXIT-D).
    """
    lengths = np.arange(LONGEST_COMMITMENT_MONTHS + 1)
    shares = np.full((2, len(lengths), len(lengths)), ALL_DUES, dtype=np.int64)
    for subsidised, rule in enumerate(rules):
        if rule is not None:
            capped = (lengths[:, None] > STATUTE_SILENT_MONTHS) & (lengths >= rule.free_after_months)
            shares[subsidised][capped] = rule.share_micro
    return shares
