"""What a mapping says of a history of contacts: the columns of groups, chances, terms, reactions and ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.fields import Field
from intake.sources import FactSource, source_of

RANDOMISED, EXPLORED, CHOSEN = "randomised", "explored", "chosen"
GROUPS = ("control", "called", "offered")
REACTIONS = ("accepted", "declined", "not_reached", "none")
MOST_CENTS, LONGEST_MONTHS = 1_000_000, 24
UNKNOWN = -1

TERMS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("offer_id", "text", "one of the offers of the rulebook, which names all terms", ""),
        Field("device", "text", "the device, by its id in devices.toml where it is there", ""),
        Field("device_price_cents", "whole", "its shop price that day, incl. VAT", UNKNOWN, 0, 10 * MOST_CENTS),
        Field("top_up_cents", "whole", "what the customer pays for it, incl. VAT", UNKNOWN, 0, 10 * MOST_CENTS),
        Field("commitment_months", "whole", "the new commitment", UNKNOWN, 0, LONGEST_MONTHS),
        Field("discount_cents", "whole", "monthly discount, incl. VAT", 0, 0, MOST_CENTS),
        Field("discount_months", "whole", "how long it lasts", UNKNOWN, 0, 120),
        Field("credit_cents", "whole", "a credit, once, incl. VAT", 0, 0, MOST_CENTS),
        Field("extras", "names", "extras by their names in offers.toml; ';' between them", ()),
        Field("trade_in", "text", "the device taken back, by its id in devices.toml", ""),
    )
}
"""The terms that a file may hold. Top-up, commitment and duration are unknown (-1) where the cell is blank."""

PROBABILITY = Field("probability", "probability", "the chance of group and terms together", float("nan"))


@dataclass(frozen=True)
class WordsOf:
    """A column of words, and what each word means, as an index into the meanings."""

    column: str
    meaning: Mapping[str, int]


@dataclass(frozen=True)
class ContactColumns:
    """The table [contacts] of a mapping; `date` and `agent` are "" where the file has none.

    `group` means an index of GROUPS, `reaction` one of REACTIONS, `left` 1 (yes) or 0 (no). `other_reactions`: words
    that mean nothing are taken for no reaction; `others_stayed`: words that do not mean "left" mean "stayed".
    """

    design: str
    date: str
    agent: str
    probability: FactSource
    group: WordsOf
    reaction: WordsOf
    other_reactions: bool
    left: WordsOf
    others_stayed: bool
    window_months: int
    terms: Mapping[str, FactSource]

    @property
    def columns(self) -> list[str]:
        """Every column that the table names."""
        named = [self.date, self.agent, self.probability.column, *(source.column for source in self.terms.values())]
        return [*filter(None, named), self.group.column, self.reaction.column, self.left.column]


def contact_columns(entry: Mapping[str, Any]) -> ContactColumns:
    """The table [contacts], already checked."""
    return ContactColumns(
        design=entry["design"],
        date=entry.get("date", ""),
        agent=entry.get("agent", ""),
        probability=source_of(entry["probability"]),
        group=_words(entry["group"], GROUPS),
        reaction=_words(entry["reaction"], REACTIONS),
        other_reactions="none" not in entry["reaction"],
        left=_words(entry["left"], ("no", "yes")),
        others_stayed="no" not in entry["left"],
        window_months=entry["left"]["window_months"],
        terms={name: source_of(source) for name, source in entry["terms"].items()},
    )


def _words(entry: Mapping[str, Any], meanings: tuple[str, ...]) -> WordsOf:
    return WordsOf(
        entry["column"], {word: index for index, name in enumerate(meanings) for word in entry.get(name, [])}
    )
