"""What a refusal and its turn say to an agent and to a customer; to the customer no margin, no role and no score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.catalogue import Catalogue
from engine.explanation.levers import OF_THE_MARGIN, Change
from engine.explanation.turning import Turn
from engine.fields import UNKNOWN_COUNT
from engine.texts import Writer

OF_THE_HOUSE = frozenset({"role", "p_churn", "reason_for_contact", "channel", "price_cents", *OF_THE_MARGIN})
"""What a customer is not told of: it is not for them to change, or tells what the house goes by."""

DEARER = {"top_up_cents": 1, "discount_cents": -1, "credit_cents": -1}
"""Which way a term moves when the customer pays more."""


@dataclass(frozen=True)
class Speaker:
    """Says in one language what would turn a refusal; `goods`: devices and extras in words, by their ids."""

    writer: Writer
    goods: Mapping[str, str]

    def turn(self, turn: Turn) -> str:
        """What would have to be otherwise for the candidate to pass, to the agent."""
        return str(self.writer.phrases["explanation"]["turn"].format(changes=self._changes(turn)))

    def to_agent(self, offer: Mapping[str, Any], refusal: Mapping[str, Any], turns: Sequence[Turn]) -> str:
        """Why not, and the first of what would turn it."""
        say = self.writer.phrases["explanation"]
        if not refusal["rules"]:
            return str(say["allowed"].format(offer=self.writer.in_short(offer)))
        turn = self.turn(turns[0]) if turns else str(say["no_turn"])
        return f"{self.writer.why_not(offer, refusal)} {turn}"

    def to_customer(self, offer: Mapping[str, Any], because: str, turns: Sequence[Turn]) -> str:
        """Why not, by a phrase, and what would change it as far as it is theirs to know; `because` empty: allowed."""
        say, gifts = self.writer.phrases["explanation"], self.writer.in_short(offer)
        if not because:
            return str(say["customer_allowed"].format(offer=gifts))
        told = next((turn for turn in turns if all(map(_is_theirs, turn.changes))), None)
        also = say["customer_turn"].format(changes=self._changes(told)) if told else ""
        return str(say["customer"].format(offer=gifts, why=say[f"because_{because}"])) + also

    def _changes(self, turn: Turn) -> str:
        return self.writer.enumerate([self._change(change) for change in turn.changes])

    def _change(self, change: Change) -> str:
        say, facts = self.writer.phrases["change"], self.writer.phrases["fact"]
        now, to = self._in_words(change, change.found), self._in_words(change, change.value)
        named = facts.get(change.name, change.name)
        phrase = "no_commitment" if (change.name, change.value) == ("commitment_months", 0) else change.name
        return str(say.get(phrase, say["condition"]).format(now=now, to=to, fact=named))

    def _in_words(self, change: Change, value: Any) -> str:
        say = self.writer.phrases["change"]
        if isinstance(value, tuple):
            return self.writer.enumerate([self.goods.get(name, name) for name in value]) or str(say["nothing"])
        if isinstance(value, bool | np.bool_):
            return str(say["yes" if value else "no"])
        if isinstance(value, np.datetime64):
            return "–" if np.isnat(value) else self.writer.date(str(value))
        if value is None or value in ("", UNKNOWN_COUNT):
            return "–"
        return self._measured(change, value)

    def _measured(self, change: Change, value: Any) -> str:
        phrases = self.writer.phrases
        if change.name.endswith("_cents"):
            return self.writer.money(int(value))
        if change.unit == "share":
            return self.writer.figure(f"{value:.2%}")
        if change.unit == "moment":
            day, _, minute = str(value).partition("T")
            return f"{self.writer.date(day)} {minute}".strip()
        return str(phrases["roles"].get(value, self.goods.get(value, value)))


def speaker_of(writer: Writer, catalogue: Catalogue) -> Speaker:
    """A speaker of one language for the goods of a catalogue."""
    devices = dict(zip(catalogue.goods.device_ids, catalogue.device_says, strict=False))
    extras = (says[writer.language] for says in catalogue.extra_says)
    return Speaker(writer, {**devices, **dict(zip(catalogue.goods.extra_ids, extras, strict=True))})


def _is_theirs(change: Change) -> bool:
    """Whether a change is the customer's to know of: not of the house, and no better price than was thought of."""
    if change.name in OF_THE_HOUSE:
        return False
    dearer = DEARER.get(change.name)
    return dearer is None or (change.value - change.found) * dearer > 0
