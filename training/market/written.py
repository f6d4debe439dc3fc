"""How a French export writes dates, euros and counts; what is not on file is an empty text."""

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]


def as_date(days: NDArray[np.datetime64]) -> Texts:
    """JJ/MM/AAAA [n]; NaT is empty."""
    iso = np.datetime_as_string(days.astype("datetime64[D]"))
    return np.array(["" if text == "NaT" else f"{text[8:]}/{text[5:7]}/{text[:4]}" for text in iso], dtype=object)


def as_euros(amounts: NDArray[np.float64]) -> Texts:
    """Euros with two decimals and a comma [n]; NaN is empty."""
    return np.array(
        ["" if amount != amount else f"{amount:.2f}".replace(".", ",") for amount in amounts.tolist()], dtype=object
    )


def as_whole(counts: NDArray[np.generic]) -> Texts:
    """Whole numbers [n]; NaN is empty."""
    return np.array(["" if count != count else str(int(count)) for count in counts.tolist()], dtype=object)


def as_flag(flags: NDArray[np.bool_]) -> Texts:
    """oui or non [n]."""
    return np.where(flags, "oui", "non").astype(object)
