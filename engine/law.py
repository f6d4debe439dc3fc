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
    """Numbers of the law on one day; `exits` are the exit-fee rules with all their dated lines."""

    vat_micro: int
    longest_commitment_months: int
    twin_months: int | None
    exits: Mapping[str, Mapping[str, Any]]
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
        exits={name: document[name] for name in EXIT_RULES if name in document},
        unverified=tuple(name for name, rule in document.items() if not rule["verified"]),
    )


def exit_share_micro(
    law: Law, concluded: datetime.date, commitment_months: Any, subsidised: Any, months: Any
) -> NDArray[np.int64]:
    """The share of the sum still due that leaving after `months` whole months may cost, in 1e-6.

    ALL_DUES (-1) before the end of month 12, where the contract's own terms apply (FR-EXIT-D), and for commitments
    of up to 12 months. From then on FR-EXIT-A or B for contracts concluded from 2023 (renewals too: FR-EXIT-E),
    FR-EXIT-C for earlier ones. The arguments broadcast; sources: law-fr.toml.
    """
    lines = {name: in_force(rule, concluded) for name, rule in law.exits.items()}
    plain = lines.get("FR-EXIT-A") or lines.get("FR-EXIT-C")
    handset = lines.get("FR-EXIT-B") or lines.get("FR-EXIT-C")
    shape = np.broadcast_shapes(np.shape(commitment_months), np.shape(subsidised), np.shape(months))
    share = np.full(shape, ALL_DUES, dtype=np.int64)
    for line, applies in ((plain, ~np.asarray(subsidised)), (handset, np.asarray(subsidised))):
        if line is None:
            continue
        capped = applies & (np.asarray(months) >= line["free_after_months"]) & (np.asarray(commitment_months) > 12)
        share[np.broadcast_to(capped, shape)] = round(line["share"] * MICRO)
    return share
