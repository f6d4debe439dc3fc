"""What an evaluation found, as lines for a person and as plain values for a program."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from training.evaluation.estimates import Estimate
from training.evaluation.evaluate import Evaluated
from training.evaluation.promises import Kept
from training.interval import Interval

NAMES = {"snips": "by weighting", "doubly_robust": "weighting and model", "model": "model alone"}


def as_plain(found: Mapping[str, Evaluated]) -> list[dict[str, Any]]:
    """A list of policies, the first with its differences; JSON-ready, amounts in cents a customer."""
    return [
        {
            "policy": name,
            "contacted_share": one.contacted_share,
            "promised_cents": one.promised_cents,
            "figures": _plain(one.figures),
            "more_than": {other: _plain(figures) for other, figures in one.more.items()},
        }
        for name, one in found.items()
    ]


def _plain(figures: Mapping[str, Estimate]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "cents": None if one.interval is None else one.interval.value,
            "low": None if one.interval is None else one.interval.low,
            "high": None if one.interval is None else one.interval.high,
            "effective_sample": one.effective,
            "matches": one.matches,
            "refusal": one.refusal or None,
        }
        for name, one in figures.items()
    }


def as_lines(found: Mapping[str, Evaluated]) -> Iterator[str]:
    """The same as a table a policy; amounts in EUR a customer."""
    for name, one in found.items():
        calls = f"calls {one.contacted_share:.0%} of the customers"
        promised = f", promised {one.promised_cents / 100:+.2f} EUR a customer" if one.promised_cents else ""
        yield f"{name}: {calls}{promised}"
        yield from _table(one.figures)
    for name, one in found.items():
        for other, figures in one.more.items():
            yield f"{name}, more than {other}"
            yield from _table(figures)


def _table(figures: Mapping[str, Estimate]) -> Iterator[str]:
    for name, one in figures.items():
        if one.interval is None:
            yield f"  {NAMES[name]:<21}{one.refusal}"
            continue
        sample = f"effective sample {one.effective:,.0f}, the same done {one.matches:,} times"
        rests = "if the model is right" if name == "model" else sample
        yield f"  {NAMES[name]:<21}{_bracketed(one.interval, 100):>26} EUR   {rests}"


def promises_as_plain(kept: Sequence[Kept]) -> list[dict[str, Any]]:
    """Promised beside realised, JSON-ready, in cents an offer."""
    return [
        {
            "offers": one.name,
            "count": one.offers,
            "promised_cents": one.promised,
            "realised_cents": vars(one.realised),
            "promised_over_realised": None if one.over is None else vars(one.over),
        }
        for one in kept
    ]


def promises_as_lines(kept: Sequence[Kept]) -> Iterator[str]:
    """The same as a table, in EUR an offer."""
    yield f"{'promised, and what came':<26}{'offers':>8}{'promised':>10}{'realised':>28}{'promised / realised':>26}"
    for one in kept:
        realised, over = _bracketed(one.realised, 100), "not clearly above or below 0"
        over = over if one.over is None else _bracketed(one.over, 1)
        yield f"{one.name:<26}{one.offers:>8,}{one.promised / 100:>10.2f}{realised:>28}  {over}"


def _bracketed(found: Interval, unit: int) -> str:
    return f"{found.value / unit:.2f} [{found.low / unit:.2f}, {found.high / unit:.2f}]"
