"""The law as of one day: the rules of the Union and of one market that are in force, by their ids."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from engine.errors import Fault, Faults
from engine.exits import Exits, exits_of
from engine.policy import MARKETS, in_force
from engine.tables import MICRO

UNION = "law-eu.toml"
FILE_OF = {market: f"law-{market.lower()}.toml" for market in MARKETS}
LAW_FILES = (UNION, *FILE_OF.values())
ON_CALLS = "contact"


@dataclass(frozen=True, eq=False)
class Law:
    """The law of a market on one day; `lines` holds what is in force, by id, `exits` the caps for offers of that day.

    `document`: every rule of the market and the Union, for other days. `unverified`: the rules in force whose source
    was not seen or does not settle them; those on calls of ours stand in `unverified_on_calls`.
    """

    market: str
    lines: Mapping[str, Mapping[str, Any]]
    vat_micro: int
    exits: Exits
    unverified: tuple[str, ...]
    unverified_on_calls: tuple[str, ...]
    document: Mapping[str, Any]

    def exits_on(self, concluded: datetime.date) -> Exits:
        """The caps for contracts concluded on another day."""
        return _exits_on(self, concluded)

    def held(self, rule: str, day: datetime.date) -> bool:
        """Whether a rule of this market held on another day."""
        return rule in self.document and in_force(self.document[rule], day) is not None

    def months(self, rule: str) -> int | None:
        """The months of a rule; None where it is not in force in this market on this day."""
        line = self.lines.get(rule)
        return None if line is None else int(line["months"])


@lru_cache(maxsize=4096)
def _exits_on(law: Law, concluded: datetime.date) -> Exits:
    return exits_of(law.market, law.document, concluded)


def law_as_of(documents: Mapping[str, Mapping[str, Any]], market: str, today: datetime.date) -> Law:
    """The law in force on a day in a market, from the documents of LAW_FILES by their names.

    Raises Faults where a number that every decision needs is missing.
    """
    rules = {**documents[UNION], **documents[FILE_OF[market]]}
    lines = {name: line for name, rule in rules.items() if (line := in_force(rule, today))}
    vat = f"{market}-VAT"
    if vat not in lines:
        what = f"{vat} has no value on {today}"
        raise Faults([Fault("number-missing", FILE_OF[market], what, "a dated value", "add one")])
    unsure = [name for name in lines if not rules[name]["verified"]]
    return Law(
        market=market,
        lines=MappingProxyType(lines),
        vat_micro=round(lines[vat]["share"] * MICRO),
        exits=exits_of(market, rules, today),
        document=rules,
        unverified=tuple(name for name in unsure if rules[name]["kind"] != ON_CALLS),
        unverified_on_calls=tuple(name for name in unsure if rules[name]["kind"] == ON_CALLS),
    )
