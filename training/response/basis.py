"""Features as smooth columns: a number by its rank, with two bends; a text by its levels; what is missing apart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.features import Encoding, Feature, FeatureColumns, Numeric
from training.encoding import fit_encoding

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
BENDS = (1 / 3, 2 / 3)
SMALLEST_SPREAD = 0.1


@dataclass(frozen=True)
class Basis:
    """For each feature, the columns that each of its codes stands for, [codes, width]; centred, of about one spread."""

    tables: tuple[Numbers, ...]

    @property
    def width(self) -> int:
        return sum(table.shape[1] for table in self.tables)

    @property
    def of_fact(self) -> Whole:
        """Which feature each column is of, [width]."""
        return np.repeat(np.arange(len(self.tables)), [table.shape[1] for table in self.tables])

    def columns(self, codes: Whole) -> Numbers:
        """The columns [n, width] of codes [features x n]."""
        return np.concatenate([table[code] for table, code in zip(self.tables, codes, strict=True)], axis=1)

    def by_code(self, coefficients: Numbers) -> Numbers:
        """What each code of each feature adds, [all codes, outputs], of coefficients [width, outputs]."""
        ends = np.cumsum([table.shape[1] for table in self.tables])[:-1]
        parts = np.split(coefficients, ends)
        return np.concatenate([table @ part for table, part in zip(self.tables, parts, strict=True)])


@dataclass(frozen=True)
class Encoded:
    """Training rows as a model reads them: how, their codes [features x n], the basis, and its columns [n, width]."""

    encoding: Encoding
    codes: Whole
    basis: Basis
    columns: Numbers


def encode(features: FeatureColumns) -> Encoded:
    """Feature columns [n], encoded by what is in them."""
    encoding = fit_encoding(features)
    codes = encoding.codes(features)
    basis = fit_basis(encoding, codes)
    return Encoded(encoding, codes, basis, basis.columns(codes))


def fit_basis(encoding: Encoding, codes: Whole) -> Basis:
    """The basis of training codes [features x n]; a code that training never saw stands for the average customer."""
    return Basis(tuple(_table(feature, code) for feature, code in zip(encoding.features, codes, strict=True)))


def _table(feature: Feature, code: Whole) -> Numbers:
    count = feature.codes_count
    share = np.bincount(code, minlength=count) / len(code)
    if isinstance(feature, Numeric):
        rank = (np.cumsum(share[:-1]) - share[:-1] / 2) / max(share[:-1].sum(), 1e-12)
        bends = [np.maximum(0.0, 1 - abs(rank - bend) / BENDS[0]) for bend in BENDS]
        raw = np.stack([rank, *bends], axis=1)
        average = share[:-1] @ raw / max(share[:-1].sum(), 1e-12)
        raw = np.concatenate([np.concatenate([raw, average[None]]), np.eye(count)[:, -1:]], axis=1)
    else:
        raw = np.eye(count)
    centred = (raw - share @ raw) * (share > 0)[:, None]
    spread = np.sqrt(share @ centred**2)
    told = spread > 0
    return np.asarray(centred[:, told] / np.maximum(spread[told], SMALLEST_SPREAD))
