"""Whether the plain version lays the same offers on the table as the engine, from the same scores."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from benchmarks.plain.book import Book
from benchmarks.plain.decide import decide as decide_plainly
from engine.answers import write_answer
from engine.decide import decide
from engine.rulebook import Rulebook
from ledger.records import write_scores
from ledger.snapshots import read_features, read_snapshots
from models.scorer import score
from models.store import Release


@dataclass
class Agreement:
    """Of how many questions both versions gave the same main offer, and the same answer altogether."""

    asked: int = 0
    same_main_offer: int = 0
    same_answer: int = 0
    different: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = f"the same main offer on {self.same_main_offer} of {self.asked} questions, "
        said += f"stance, alternatives and entitlements too on {self.same_answer}"
        return said + (f"; not on {', '.join(self.different[:5])}" if self.different else "")


def agreement(
    questions: Sequence[tuple[dict[str, Any], dict[str, Any]]],
    release: Release,
    rulebook: Rulebook,
    book: Book,
    today: date,
) -> Agreement:
    """Both versions on (facts with wish, contact and role; features), one question at a time."""
    found = Agreement()
    for facts, features in questions:
        cases = read_snapshots([facts])
        scores = score(release, cases, read_features([features]), today)
        ours = write_answer(decide(cases, scores, rulebook, today), 0)
        written = write_scores(scores, 0)
        plain = decide_plainly(book, copy.deepcopy(facts), written["p_churn_micro"], written["window_months"])
        offers = [offer["offer_id"] for offer in ours["offers"]]
        plain_offers = [one.offer.offer_id for one in plain.offers]
        dues = [offer["offer_id"] for offer in ours["entitlements"]]
        plain_dues = [one.offer.offer_id for one in plain.entitlements]
        found.asked += 1
        found.same_main_offer += offers[:1] == plain_offers[:1]
        if (ours["stance"], offers, dues) == (plain.stance, plain_offers, plain_dues):
            found.same_answer += 1
        else:
            found.different.append(facts["contract_id"])
    return found
