"""Whether terms come as often as their logged chances say.

Over all rows where everybody could be offered the same terms with the same chance; else only whether they come more
often than if everybody could.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Self

import numpy as np
from numpy.typing import NDArray

from intake.contacts import OFFERED, Contacts

Numbers = NDArray[np.float64]
LEAST_EXPECTED = 1.0
ROUNDING = 1e-3
TINY = 1e-9
MATERIAL = 0.1
"""A misfit by a smaller share is let pass: chances are logged with few digits."""


@dataclass(frozen=True)
class Cells:
    """The day and the terms of each row [n], as numbers; who was offered something; 1 / the chance of each row."""

    day: NDArray[np.int64]
    terms: NDArray[np.int64]
    offered: NDArray[np.bool_]
    inverse: Numbers

    @classmethod
    def of(cls, contacts: Contacts) -> Self:
        """The cells of a history; one day where it tells of none."""
        days = np.zeros(len(contacts), dtype=np.int64) if contacts.dates is None else contacts.dates.astype(np.int64)
        devices = np.unique(contacts.devices.astype(str), return_inverse=True)[1]
        columns = np.stack([*(column[0] for column in vars(contacts.terms).values()), devices])
        terms = np.unique(columns, axis=1, return_inverse=True)[1].reshape(-1)
        offered = contacts.group == OFFERED
        return cls(np.unique(days, return_inverse=True)[1], terms, offered, 1.0 / contacts.probability)

    def drawn_alike(self) -> bool:
        """Whether on each day the same terms have the same chance for everybody, and all chances together fit in 1."""
        both = np.stack([self.day, np.where(self.offered, self.terms, -1)])
        day, cell = np.unique(both, axis=1, return_inverse=True)
        cell = cell.reshape(-1)
        chance = np.bincount(cell) / np.bincount(cell, weights=self.inverse)
        varies = np.abs(self.inverse * chance[cell] - 1.0) > ROUNDING
        by_offer = day[1] >= 0
        together = np.bincount(day[0][by_offer], weights=chance[by_offer])
        return bool(not varies[self.offered].any() and (together <= 1.0 + ROUNDING).all())

    def z_of_terms(self) -> tuple[float, float]:
        """How much more often the terms of each day come than their chances say, and how unevenly; both as z, or 0.

        Terms that were never drawn are not seen, so each count is that of a binomial of at least 1.
        """
        cell = np.unique(np.stack([self.day, self.terms])[:, self.offered], axis=1, return_inverse=True)[1].reshape(-1)
        count = np.bincount(cell).astype(np.float64)
        rows = np.bincount(cell, weights=np.bincount(self.day)[self.day[self.offered]]) / count
        chance = np.minimum(count / np.bincount(cell, weights=self.inverse[self.offered]), 1.0 - TINY)
        mean = rows * chance / -np.expm1(rows * np.log1p(-chance))
        spread = np.maximum(mean * (1.0 - chance + rows * chance - mean), TINY)
        off = count - mean
        often = off.sum() / sqrt(spread.sum()) if abs(off.sum()) > MATERIAL * mean.sum() else 0.0
        seen = rows * chance >= LEAST_EXPECTED
        squares, beyond = (off**2 / spread)[seen], (off**2 - spread)[seen].sum()
        material = beyond > MATERIAL**2 * (mean[seen] ** 2).sum()
        uneven = (squares.sum() - len(squares)) / sqrt(2.0 * len(squares)) if material else 0.0
        return float(often), float(uneven)

    def excess_z(self) -> float:
        """How far the terms that come often exceed what they could if everybody might be offered them, as z; or 0.

        Which those are is told by every other row, and how often they come by the rest.
        """
        odd = np.arange(len(self.day)) % 2 == 1
        count = np.bincount(self.terms[self.offered & odd], minlength=int(self.terms.max()) + 1)
        often = count > count.sum() / max(int((count > 0).sum()), 1)
        mine = self.offered & ~odd & often[self.terms]
        inverse = self.inverse[mine]
        most = float(often.sum()) * int((~odd).sum())
        excess = float(inverse.sum()) - most
        return excess / sqrt(max(float(inverse @ (inverse - 1.0)), TINY)) if excess > MATERIAL * most else 0.0
