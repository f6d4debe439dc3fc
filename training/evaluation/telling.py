"""What an evaluation found, as lines for a person and as plain values for a program."""

from collections.abc import Iterator, Mapping
from typing import Any

from training.evaluation.estimates import Estimate
from training.evaluation.evaluate import Evaluated

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
        value, low, high = (f"{amount / 100:.2f}" for amount in vars(one.interval).values())
        rests = (
            "" if name == "model" else f"   effective sample {one.effective:,.0f}, the same done {one.matches:,} times"
        )
        yield f"  {NAMES[name]:<21}{value:>9} EUR [{low}, {high}]{rests}"
