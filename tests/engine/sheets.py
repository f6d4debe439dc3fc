"""A sheet written by hand for three candidates, and what a rule says of them."""

import datetime
from types import SimpleNamespace
from typing import Any

import numpy as np

from engine.rules.law import EVERYWHERE

NO, YES = [False], [True]
T, F = True, False
NO_MARKS = {name: [[F, F, F]] for name in ("entitlement", "wish", "standard", "void")}


def column(value: Any) -> Any:
    return np.array(value) if isinstance(value, list) else value


def space(values: dict[str, Any]) -> SimpleNamespace:
    return SimpleNamespace(**{name: column(value) for name, value in values.items()})


def texts(*values: Any) -> Any:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def sheet(
    facts: dict[str, Any] | None = None,
    marks: dict[str, Any] | None = None,
    policy: dict[str, Any] | None = None,
    lines: dict[str, Any] | None = None,
    **more: Any,
) -> Any:
    """A sheet that holds just what a rule reads: one customer (or two) and three candidates."""
    held = lines or {}
    the_law = SimpleNamespace(lines=held, months=lambda rule: held[rule]["months"] if rule in held else None)
    catalogue = SimpleNamespace(
        device_index={"a": 0, "b": 1},
        goods=SimpleNamespace(stock=np.array([1, 1, 0])),
        columns_of_terms={"12m": [0], "24m": [1], "0m": [1, 2]},
        id_of=lambda terms: f"personal-{terms['device']}",
        wish_template=0,
    )
    question: dict[str, Any] = {
        "facts": {name: column(value) for name, value in (facts or {}).items()},
        "in_force": SimpleNamespace(policy=policy or {}, law=the_law, catalogue=catalogue),
        "today": datetime.date(2026, 11, 23),
        "profiled": [T],
        "outbound": [F],
        **more.pop("question", {}),
    }
    priced = {"terms": space(more.pop("terms", {})), **more.pop("priced", {})}
    return space(
        {
            "question": space(question),
            "marks": space({**NO_MARKS, **(marks or {})}),
            "priced": space(priced),
            "months": space(more.pop("months", {})),
            "candidates": space({"exists": [[T, T, F]]}),
            "refused": [[0, 0, 0]],
            "asked_for": [[F, F, F]],
            "listed": 3,
            **more,
        }
    )


def said(holds: Any) -> Any:
    return "everywhere" if holds is EVERYWHERE else holds.tolist()
