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
EXIT_RULES = ("FR-EXIT-A", "FR-EXIT-B", "FR-EXIT-C")


@dataclass(frozen=True, eq=False)
class Law:
    """Numbers of the law on one day, for an offer concluded that day; `exit_shares_micro` as the function says."""

    vat_micro: int
    longest_commitment_months: int
    twin_months: int | None
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
    return Law(
        vat_micro=round(vat["share"] * MICRO),
        longest_commitment_months=longest["months"],
        twin_months=twin["months"] if twin else None,
        exit_shares_micro=exit_shares_micro(document, today),
        unverified=tuple(name for name, rule in document.items() if not rule["verified"]),
    )


def exit_shares_micro(document: Mapping[str, Any], concluded: datetime.date) -> NDArray[np.int64]:
    """The share of the sum still due that leaving may cost, in 1e-6, [2, 25, 25] by subsidy, commitment, months done.

    ALL_DUES (-1) before the end of month 12, where the contract's own terms apply (FR-EXIT-D), and for commitments
    of up to 12 months. From then on FR-EXIT-A or B for contracts concluded from 2023 (renewals too: FR-EXIT-E),
    FR-EXIT-C for earlier ones. Sources: law-fr.toml.
    """
    lines = {name: in_force(document[name], concluded) for name in EXIT_RULES if name in document}
    lengths = np.arange(LONGEST_COMMITMENT_MONTHS + 1)
    shares = np.full((2, len(lengths), len(lengths)), ALL_DUES, dtype=np.int64)
    for subsidised, rule in enumerate(("FR-EXIT-A", "FR-EXIT-B")):
        line = lines.get(rule) or lines.get("FR-EXIT-C")
        if line is not None:
            capped = (lengths[:, None] > 12) & (lengths >= line["free_after_months"])
            shares[subsidised][capped] = round(line["share"] * MICRO)
    return shares
