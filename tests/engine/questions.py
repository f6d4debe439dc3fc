"""Questions for the tests: one customer, one rulebook, in a line."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.decide import Decisions, decide
from engine.fields import FIELD_BY_NAME, dtype_of
from engine.rulebook import Rulebook, parse_rulebook
from engine.rules import refusing_rules
from engine.tables import TASTES, Cases, quantise_scores

ROOT = Path(__file__).parents[2]
TODAY = datetime.date(2026, 11, 23)
ORDINARY = {"contract_id": "C-1", "price_cents": 1790, "cost_to_serve_cents": 400}


def shipped_texts() -> dict[str, str]:
    folder = ROOT / "rulebook"
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.toml")}


def shipped(**replaced: tuple[str, str]) -> Rulebook:
    """The shipped rulebook; `policy=(old, new)` replaces a text in policy.toml, and so for the other files."""
    texts = shipped_texts()
    for stem, (old, new) in replaced.items():
        name = f"{stem.replace('_', '-')}.toml"
        assert texts[name].count(old) == 1, f"{name} holds {old!r} {texts[name].count(old)} times"
        texts[name] = texts[name].replace(old, new)
    return parse_rulebook(texts)


def customers(*rows: Mapping[str, Any]) -> Cases:
    """One row a mapping of facts; what a row leaves out is not on file (ORDINARY for the required ones)."""
    columns: dict[str, Any] = {}
    for name in {name for row in rows for name in row} | set(ORDINARY):
        field = FIELD_BY_NAME[name]
        column = np.empty(len(rows), dtype=dtype_of(field))
        for index, row in enumerate(rows):
            column[index] = row.get(name, ORDINARY.get(name, field.default))
        columns[name] = column
    return Cases(columns)


def asked(rulebook: Rulebook, *rows: Mapping[str, Any], today: datetime.date = TODAY) -> Decisions:
    """The decisions for some customers, with the score that stands in their facts and average tastes."""
    cases = customers(*rows)
    stored = np.isfinite(cases["p_churn"])
    tastes = np.ones((len(rows), len(TASTES)))
    scores = quantise_scores(cases["p_churn"], cases["p_churn_window_months"], tastes, stored)
    return decide(cases, scores, rulebook, today)


def verdict(decisions: Decisions, offer_id: str, row: int = 0) -> list[str]:
    """The rules that refuse one listed candidate."""
    listed, _ = decisions.verdicts(row)
    return refusing_rules(int(listed[decisions.question.in_force.catalogue.column_of[offer_id]]))
