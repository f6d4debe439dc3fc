"""The cases of tests/cases/law-calls.toml, as the tests of every door read them."""

import datetime
import tomllib
import zoneinfo
from pathlib import Path
from typing import Any

from engine.rulebook import Rulebook
from tests.engine.questions import shipped

_WRITTEN = tomllib.loads((Path(__file__).parent / "cases" / "law-calls.toml").read_text())
CASES: list[dict[str, Any]] = _WRITTEN["case"]
OPERATORS_CLOCK = zoneinfo.ZoneInfo("Europe/Paris")
RULEBOOKS: dict[str, Rulebook] = {
    "FR": shipped(),
    "BE": shipped(policy=('[{ from = 2008-06-01, value = "FR" }]', '[{ from = 2008-06-01, value = "BE" }]')),
}


def facts_of(case: dict[str, Any], number: int) -> dict[str, Any]:
    """What is on file of the customer of a case."""
    named = {"contract_id": f"C-{number}", "customer_id": f"K-{number}"}
    facts = {**named, **_WRITTEN["customer"], **case.get("facts", {})}
    if "calls_made" in facts:
        facts["calls_made"] = tuple(facts["calls_made"])
    return {name: value for name, value in facts.items() if name not in case.get("without", ())}


def market_of(case: dict[str, Any]) -> str:
    return str(case.get("market", "FR"))


def moment_of(case: dict[str, Any]) -> datetime.datetime:
    return datetime.datetime.fromisoformat(case["at"]).replace(tzinfo=OPERATORS_CLOCK)


def expected(case: dict[str, Any]) -> dict[str, Any]:
    """What an answer says of the call, but for the zone."""
    never = case["not_before"] == "never"
    return {
        "allowed": not case["rules"],
        "rules": case["rules"],
        "unchecked": case.get("unchecked", []),
        "not_before": None if never else case["not_before"],
    }


def title(case: dict[str, Any]) -> str:
    return str(case["title"])
