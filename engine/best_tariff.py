"""What is told of the best tariff, to agent and customer: beside whatever is offered, and never mixed with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.tariffs import USAGE_FACTS, Cheapest
from engine.terms import NONE
from engine.texts import Writer

USAGE_UNKNOWN, NONE_ON_SALE = "usage_unknown", "none_on_sale"


def write_best_tariff(cheapest: Cheapest, row: int, writers: Sequence[Writer]) -> dict[str, Any]:
    """The best tariff of one customer, JSON-ready: cents a month including VAT; `reason` where none can be told."""
    if (index := int(cheapest.tariff[row])) == NONE:
        return _unknown(cheapest, row, writers)
    saves_cents = int(cheapest.saves_cents[row])
    told = {
        "tariff": cheapest.on_sale.ids[index],
        "says": cheapest.on_sale.says[index],
        "monthly_cents": int(cheapest.monthly_cents[row]),
        "saves_cents": saves_cents,
        "reason": None,
        "unknown": [],
    }
    return {**told, "sentences": _sentences("saves" if saves_cents > 0 else "stays", told, writers)}


def _unknown(cheapest: Cheapest, row: int, writers: Sequence[Writer]) -> dict[str, Any]:
    unknown = [fact for fact, missing in zip(USAGE_FACTS, cheapest.unknown[row], strict=True) if missing]
    told = {
        "tariff": None,
        "says": None,
        "monthly_cents": None,
        "saves_cents": None,
        "reason": USAGE_UNKNOWN if unknown else NONE_ON_SALE,
        "unknown": unknown,
    }
    return {**told, "sentences": _sentences("unknown" if unknown else "none", told, writers)}


def _sentences(key: str, told: Mapping[str, Any], writers: Sequence[Writer]) -> dict[str, dict[str, str]]:
    words = {writer.language: _words(writer, told) for writer in writers}
    return {
        to: {
            writer.language: writer.phrases["best_tariff"][f"{key}_{to}"].format(**words[writer.language])
            for writer in writers
        }
        for to in ("agent", "customer")
    }


def _words(writer: Writer, told: Mapping[str, Any]) -> dict[str, str]:
    if told["tariff"] is None:
        usage = writer.phrases["usage"]
        return {"usage": writer.enumerate([usage[fact] for fact in told["unknown"]])}
    return {
        "tariff": told["says"][writer.language],
        "monthly": writer.money(told["monthly_cents"]),
        "saves": writer.money(told["saves_cents"]),
    }
