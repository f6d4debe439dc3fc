"""What a refusal and its turn say to an agent and to a customer; to the customer no margin, no role and no score."""

from collections.abc import Sequence
from typing import Any

from engine.explanation.levers import Change
from engine.explanation.reading import plain
from engine.explanation.turning import Turn
from engine.terms import NONE
from engine.texts import Writer

OF_THE_HOUSE = frozenset({"role", "account_granted_cents", "p_churn", "reason_for_contact", "channel", "price_cents"})
"""What a customer is not told of: it is not for them to change, or tells what the house goes by."""


def say_change(writer: Writer, change: Change) -> str:
    """One change in a few words."""
    say = writer.phrases["change"]
    now, to = _in_words(writer, change, change.found), _in_words(writer, change, change.value)
    return str(say.get(change.name, say["condition"]).format(now=now, to=to, fact=change.name))


def say_turn(writer: Writer, turn: Turn) -> str:
    """What would have to be otherwise for the candidate to pass, to the agent."""
    changes = writer.enumerate([say_change(writer, change) for change in turn.changes])
    return str(writer.phrases["explanation"]["turn"].format(changes=changes))


def say_no_turn(writer: Writer) -> str:
    """That no change was found, to the agent."""
    return str(writer.phrases["explanation"]["no_turn"])


def say_to_customer(writer: Writer, gifts: str, why: str, turns: Sequence[Turn]) -> str:
    """Why not, and what would change it, to the customer: only what is theirs to know or to change."""
    say = writer.phrases["explanation"]
    told = next((turn for turn in turns if all(map(_is_theirs, turn.changes))), None)
    changes = writer.enumerate([say_change(writer, change) for change in told.changes]) if told else ""
    also = say["customer_turn"].format(changes=changes) if told else ""
    return str(say["customer"].format(offer=gifts, why=say[f"because_{why}"])) + also


def _is_theirs(change: Change) -> bool:
    """Whether a change is the customer's to know of: not of the house, and no better price than was thought of."""
    if change.name in OF_THE_HOUSE:
        return False
    dearer = {"top_up_cents": 1, "discount_cents": -1, "credit_cents": -1}.get(change.name)
    return dearer is None or (change.value - change.found) * dearer > 0


def _in_words(writer: Writer, change: Change, value: Any) -> str:
    if change.unit == "cents":
        return writer.money(int(value))
    if change.unit == "role":
        return str(writer.phrases["roles"].get(value, value))
    if change.unit == "share":
        return f"{value:.2%}".replace(".", writer.phrases["format"]["decimal"])
    if change.unit == "moment":
        day, _, minute = str(value).partition("T")
        return f"{writer.date(day)} {minute}".strip()
    if change.unit == "extras":
        return writer.enumerate(value) or writer.phrases["change"]["nothing"]
    if value is None or value == NONE or value == "":
        return "–"
    return str(plain(value))
