"""A learned response of random tables for the features of a random churn model: no training needed."""

import numpy as np

from engine.felt import ONCE_AND_MONTHLY
from engine.tables import TASTES
from models.churn import Churn
from models.response import MONEY_AND_TASTES, UNIT, LearnedResponse
from tests.models.learned import random_churn

CHURN = random_churn(1, numeric=4, categorical=3)
DEVICE, COMMITMENT = 1 + TASTES.index("device"), 1 + TASTES.index("commitment")
TERMS = (*ONCE_AND_MONTHLY, "device:galaxy-a17", "device:other")
TASTE_OF = (0, 0, 0, 0, COMMITMENT, COMMITMENT, DEVICE, DEVICE)


def random_learned(seed: int, points: int = 3, churn: Churn = CHURN) -> LearnedResponse:
    """So many points of taste, told apart by the features of a churn model; of money, commitment and two devices."""
    rng, encoding = np.random.default_rng(seed), churn.encoding
    counts = [feature.codes_count for feature in encoding.features]
    outputs = 2 + points - 1 + MONEY_AND_TASTES + len(TERMS)
    return LearnedResponse(
        encoding=encoding,
        offset=np.cumsum([0, *counts[:-1]]),
        table=np.rint(rng.normal(0, 0.2, (sum(counts), outputs)) / UNIT).astype(np.int64),
        intercept=np.rint(rng.normal(0, 0.5, outputs) / UNIT).astype(np.int64),
        willing=rng.normal(0, 1, points),
        weights=rng.normal(0, 0.4, (points, MONEY_AND_TASTES)),
        term_names=TERMS,
        taste_of=np.array(TASTE_OF),
    )
