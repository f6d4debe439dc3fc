"""What leaving a commitment may cost at most, by the law of the market on the day the contract was concluded.

Source: law-fr.toml (FR-EXIT-A to E) and law-be.toml (BE-6M, BE-6M-B, BE-DEV).
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.policy import in_force
from engine.tables import MICRO

Document = Mapping[str, Any]

ALL_DUES = -1
LONGEST_COMMITMENT_MONTHS = 24
STATUTE_SILENT_MONTHS = 12
CONTRACT_TERMS = "FR-EXIT-D"


@dataclass(frozen=True, eq=False)
class Exits:
    """Caps on the fee for leaving, [2, 25, 25] by subsidised handset, commitment and months done.

    `shares_micro`: the share of the dues to the end of month `until` [25] (by commitment) that may be asked; ALL_DUES
    (-1) where the contract's own terms apply. `rules`: the id of the rule that says so, "" where there is nothing to
    pay. `device_rule`: under which the residual value of a handset may be asked too, in equal monthly steps over the
    commitment; None where no law of the market allows it.
    """

    shares_micro: NDArray[np.int64]
    until: NDArray[np.int64]
    rules: NDArray[np.object_]
    device_rule: str | None


def exits_of(market: str, document: Document, concluded: datetime.date) -> Exits:
    """The caps for contracts of a market concluded on a day, renewals of older contracts included."""
    return _MARKETS[market](document, concluded)


def _france(document: Document, concluded: datetime.date) -> Exits:
    """The contract's terms (FR-EXIT-D), then a share from the end of month 12 of what lasts longer.

    FR-EXIT-A and B from 2023, renewals of older contracts included (FR-EXIT-E: the customer-friendly reading);
    FR-EXIT-C before.
    """
    shares, rules, lengths = _contract_terms()
    for subsidised, names in enumerate((("FR-EXIT-A", "FR-EXIT-C"), ("FR-EXIT-B", "FR-EXIT-C"))):
        for name in names:
            if line := _line(document, name, concluded):
                capped = (lengths[:, None] > STATUTE_SILENT_MONTHS) & (lengths >= line["free_after_months"])
                shares[subsidised][capped], rules[subsidised][capped] = round(line["share"] * MICRO), name
                break
    return Exits(shares, lengths, _where_something_is_left(rules), None)


def _belgium(document: Document, concluded: datetime.date) -> Exits:
    """The fees still due to the end of month 6 (BE-6M-B), nothing from then on (BE-6M), a handset apart (BE-DEV)."""
    shares, rules, lengths = _contract_terms()
    until = lengths
    if line := _line(document, "BE-6M", concluded):
        free = line["free_after_months"]
        until = np.minimum(lengths, free)
        shares[:], rules[:] = MICRO, "BE-6M-B"
        shares[:, :, free:], rules[:, :, free:] = 0, "BE-6M"
    device_rule = "BE-DEV" if _line(document, "BE-DEV", concluded) else None
    return Exits(shares, until, _where_something_is_left(rules), device_rule)


_MARKETS: Mapping[str, Callable[[Document, datetime.date], Exits]] = {"FR": _france, "BE": _belgium}


def _contract_terms() -> tuple[NDArray[np.int64], NDArray[np.object_], NDArray[np.int64]]:
    lengths = np.arange(LONGEST_COMMITMENT_MONTHS + 1)
    shape = (2, len(lengths), len(lengths))
    return np.full(shape, ALL_DUES, dtype=np.int64), np.full(shape, CONTRACT_TERMS, dtype=object), lengths


def _where_something_is_left(rules: NDArray[np.object_]) -> NDArray[np.object_]:
    lengths = np.arange(LONGEST_COMMITMENT_MONTHS + 1)
    return np.where(lengths < lengths[:, None], rules, "")


def _line(document: Document, name: str, day: datetime.date) -> Mapping[str, Any] | None:
    return in_force(document[name], day) if name in document else None
