"""Shadow scoring: the questions that were really asked, scored again by a release that does not serve.

Every question of the live service is on record with its features, so a release can be tried on live traffic after the
answer, from the record: no answer is delayed, changed or made to fail by it.
"""

import datetime
import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row

from engine.rulebook import Rulebook
from engine.tables import MICRO, Cases, Scores
from ledger.retaken import Retaken, take_again, take_scored
from ledger.snapshots import read_features
from ledger.trial import Trial
from models.features import IncompatibleFeatures, take_rows
from models.scorer import score
from models.store import Release
from training.drift import drifts, profile_of

BINS = 20
"""Of the chances from 0 to 1, for the picture."""
OF_THE_CHANCE = {"p_churn_micro", "window_months"}
"""The scores that no refusal moves."""


@dataclass
class Shadow:
    """What a release would have said, question by question; counted, nothing is kept of a customer."""

    release: Release
    decisions: int = 0
    unscored: int = 0
    trial: Trial = field(default_factory=Trial)
    bins: dict[str, Counter[int]] = field(default_factory=lambda: {"champion": Counter(), "challenger": Counter()})
    moved_micro: int = 0
    profile: dict[str, list[int]] = field(default_factory=dict)
    days: set[str] = field(default_factory=set)

    def add(self, rows: Sequence[Row[Any]], rulebook_of: Callable[[str], Rulebook]) -> None:
        """Count some decisions, of any day and rulebook, that still have their record."""
        for digest, same in itertools.groupby(rows, key=lambda row: str(row.rulebook_digest)):
            some, book = list(same), rulebook_of(digest)
            for was, now in zip(take_again(some, book), take_scored(some, book, self._scores), strict=True):
                self._count(was, now)

    def told(self) -> dict[str, Any]:
        """All of it, JSON-ready."""
        scored = self.decisions - self.unscored
        drift = (
            drifts(self.release.churn.encoding, self.release.manifest["profile"], self.profile) if self.profile else []
        )
        return {
            "decisions": self.decisions,
            "unscored": self.unscored,
            "first_day": min(self.days, default=None),
            "last_day": max(self.days, default=None),
            "chances": {name: [bins[place] for place in range(BINS)] for name, bins in self.bins.items()},
            "mean_move": round(self.moved_micro / MICRO / max(scored, 1), 6),
            "drift": [vars(one) for one in drift],
            "trial": self.trial.told(),
        }

    def _scores(
        self, cases: Cases, recorded: Scores, features: Sequence[Mapping[str, Any]], day: datetime.date
    ) -> Scores:
        """What the release says of recorded questions; where a refusal had taught something, that stays as recorded."""
        told = {name: column.copy() for name, column in vars(recorded).items()}
        untaught = np.array([not refused for refused in cases["refused_offers"]])
        names = [tuple(one) for one in features]
        for these in dict.fromkeys(names):  # what was on file changes with the mapping of the day
            here = np.flatnonzero([one == these for one in names])
            columns = read_features([features[row] for row in here.tolist()])
            found = score(self.release, cases.take(here), columns, day)
            for name, column in told.items():
                these_rows = np.ones(len(here), dtype=np.bool_) if name in OF_THE_CHANCE else untaught[here]
                column[here[these_rows]] = getattr(found, name)[these_rows]
            self._count_features(columns, ~found.stored & ~cases["objects_to_profiling"][here])
        return Scores(**told)

    def _count_features(self, columns: dict[str, Any], used: NDArray[np.bool_]) -> None:
        try:
            profile = profile_of(self.release.churn.encoding, take_rows(columns, used))
        except IncompatibleFeatures:
            return
        for name, counts in profile.items():
            self.profile[name] = np.add(counts, self.profile.get(name, 0)).tolist()

    def _count(self, was: Retaken, now: Retaken) -> None:
        self.decisions += 1
        self.days.add(str(was.row.decided_on))
        self.trial.add(was, now)
        before, after = (int(one.question.scores["p_churn_micro"]) for one in (was, now))
        if after < 0:
            self.unscored += 1
            return
        for name, micro in (("champion", before), ("challenger", after)):
            if micro >= 0:
                self.bins[name][min(micro * BINS // MICRO, BINS - 1)] += 1
        self.moved_micro += abs(after - before) if before >= 0 else 0
