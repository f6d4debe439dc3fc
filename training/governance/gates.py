"""The gates: numbers of gates.toml that a release must keep to before it may be proposed."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("gates.toml")

Limits = Mapping[str, Any]
Told = Mapping[str, Any]


@dataclass(frozen=True)
class Gate:
    """One gate: its name, the value found and the limit, and whether it holds; None where nothing could be judged."""

    name: str
    about: str
    value: float | None
    limit: float
    passed: bool | None

    @classmethod
    def of(cls, name: str, about: str, value: float | None, limit: float) -> "Gate":
        """A gate that holds up to its limit."""
        return cls(name, about, value, limit, None if value is None else value <= limit)


def read_limits() -> Limits:
    """The numbers of gates.toml."""
    return tomllib.loads(FILE.read_text("utf-8"))


def judge_gates(review: Told, shadow: Told, limits: Limits) -> list[Gate]:
    """Every gate, on the review of a release and on what it would have said of the recorded questions."""
    return [*_against_champion(review, limits), *_alone(review, limits), *_recorded(shadow, limits)]


def failed(gates: list[Gate]) -> list[Gate]:
    """Those that do not hold; what could not be judged is not among them."""
    return [gate for gate in gates if gate.passed is False]


def _against_champion(review: Told, limits: Limits) -> Iterator[Gate]:
    for figure, most in limits["not_worse_than_champion"].items():
        found = review["figures"][figure].get("high")
        about = f"{figure}: the most by which it may be worse than the champion, at the far end of the 95 % interval"
        yield Gate.of(f"not_worse_than_champion.{figure}", about, found, most)


def _alone(review: Told, limits: Limits) -> Iterator[Gate]:
    alone, read = limits["alone"], review["rows"] + review["rows_left_out"]
    yield Gate.of("alone.ece", "calibration error", review["figures"]["ece"]["challenger"], alone["ece"])
    share = review["rows_left_out"] / max(read, 1)
    yield Gate.of("alone.rows_left_out_share", "rows of the files left out", share, alone["rows_left_out_share"])
    gaps = [(max(group["gap"] - group["by_chance"], 0.0), group) for group in review["groups"]]
    most, group = max(gaps, key=lambda pair: pair[0], default=(None, {"feature": "-", "level": "-"}))
    about = f"chance beside rate of leaving, beyond chance; the furthest: {group['feature']} {group['level']}"
    yield Gate.of("fairness.calibration_gap", about, most, limits["fairness"]["calibration_gap"])


def _recorded(shadow: Told, limits: Limits) -> Iterator[Gate]:
    enough = shadow["decisions"] >= limits["shadow"]["fewest_decisions"]
    above = [drift for drift in shadow["drift"] if drift["psi"] > drift["by_chance"]]
    nothing: Told = {"psi": 0.0, "feature": "none beyond chance"}
    worst = max(above, key=lambda drift: drift["psi"], default=nothing)
    about = f"drift of the recorded questions; the furthest: {worst['feature']}"
    yield Gate.of("drift.psi", about, worst["psi"] if enough and shadow["drift"] else None, limits["drift"]["psi"])
    changed = shadow["trial"]["other_offer"] / max(shadow["decisions"], 1)
    about = "recorded questions with another first offer"
    yield Gate.of("shadow.changed_share", about, changed if enough else None, limits["shadow"]["changed_share"])
    moves = list(offered_moves(shadow["trial"], limits["fairness"]["fewest_customers"])) if enough else []
    move, name = max(moves, default=(None, "no group is large enough"))
    about = f"share with an offer, moved beside all customers; the furthest: {name}"
    yield Gate.of("fairness.offered_share", about, move, limits["fairness"]["offered_share"])


def offered_moves(trial: Told, fewest: int) -> Iterator[tuple[float, str]]:
    """How far the share with an offer moves in each group beside all customers, and the group."""
    everybody = _offered_move(trial)
    for kind in ("tenure_months", "language"):
        for name, group in trial[kind].items():
            if group["asked"] >= fewest:
                yield abs(_offered_move(group) - everybody), f"{kind} {name}"


def _offered_move(group: Told) -> float:
    return (group["after"]["offered"] - group["before"]["offered"]) / max(group["asked"], 1)
