"""What would have been offered first had nobody been drawn: known of treated and control alike, before any offer.

So customers can be grouped by it and still be compared as the draw left them, which what was offered cannot do.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Row

from engine.rulebook import Rulebook
from ledger.retaken import take_under

SHARES = ("control_share", "explore_share")
BEST = "best"

RulebookOf = Callable[[str], Rulebook]
"""A rulebook of the store, by its digest."""


def best_templates(rows: Sequence[Row[Any]], rulebook_of: RulebookOf) -> dict[str, str]:
    """The template that had the best score in each decision, by its id; where nothing had, its stance."""
    found = {row.decision_id: template_in(orjson.loads(row.answer)) for row in rows if row.arm == BEST}
    drawn = [row for row in rows if row.arm != BEST]
    for digest, some in itertools.groupby(drawn, key=lambda row: str(row.rulebook_digest)):
        for again in take_under(list(some), without_draw(rulebook_of(digest))):
            found[again.row.decision_id] = template_in(again.outcome.written)
    return found


def template_in(answer: Mapping[str, Any]) -> str:
    """The template of the first offer of an answer, or its stance where nothing was offered."""
    return str(answer["offers"][0]["template"] if answer["offers"] else answer["stance"])


@lru_cache(maxsize=4)
def without_draw(rulebook: Rulebook) -> Rulebook:
    """A rulebook with no control group and no exploration, and everything else as it is."""
    policy = dict(rulebook.documents["policy.toml"])
    for name in SHARES:
        policy[name] = {**policy[name], "values": [{**line, "value": 0.0} for line in policy[name]["values"]]}
    return Rulebook(rulebook.texts, {**rulebook.documents, "policy.toml": policy})
