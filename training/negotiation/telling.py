"""What the measure comes to, in figures and as a table for a person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as students_t

from training.interval import CONFIDENCE
from training.negotiation.comparing import Outcome, Played
from training.negotiation.talking import MANNERS

NO_OFFER = "no offer"


@dataclass(frozen=True)
class Interval:
    """A mean over markets, and its 95 % interval; the market is the unit, for its customers share a rival."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """One manner with one group of customers, all markets together.

    `gain_eur`: a customer asked, against making no offer; `more_eur`: against one offer each. `accepted_share` and
    `tables` (how often something was put on the table) are of the talks; `left_share`: who leaves within six months.
    """

    group: str
    manner: str
    customers: int
    talks: int
    gain_eur: Interval
    more_eur: Interval
    accepted_share: float
    tables: float
    left_share: float
    limits_broken: int


def tell(played: Sequence[Played]) -> list[Line]:
    """The lines of all customers, of those who got in touch, and of those who are called."""
    groups = {
        "all customers": [np.ones_like(market.in_touch) for market in played],
        "who got in touch": [market.in_touch for market in played],
        "who are called": [~market.in_touch for market in played],
    }
    return [line for group, rows in groups.items() for line in _lines(group, played, rows)]


def interval(means: Sequence[float]) -> Interval:
    """The mean of the figures of several markets, with its interval by Student's t."""
    mean, spread = float(np.mean(means)), float(np.std(means, ddof=1)) / len(means) ** 0.5
    half = float(students_t.ppf((1 + CONFIDENCE) / 2, len(means) - 1)) * spread
    return Interval(mean, mean - half, mean + half)


def _lines(group: str, played: Sequence[Played], rows: Sequence[NDArray[np.bool_]]) -> Iterator[Line]:
    customers = sum(int(some.sum()) for some in rows)
    left = float(np.concatenate([market.left[some] for market, some in zip(played, rows, strict=True)]).mean())
    none = Interval(0.0, 0.0, 0.0)
    yield Line(group, NO_OFFER, customers, 0, none, none, 0.0, 0.0, left, 0)
    first = [market.outcomes[0].gain_eur for market in played]
    for place, manner in enumerate(MANNERS):
        outcomes = [market.outcomes[place] for market in played]
        both = list(zip(outcomes, rows, strict=True))
        more = [one.gain_eur - base for one, base in zip(outcomes, first, strict=True)]
        talks = [talk for one, some in both for row, talk in one.talks.items() if some[row]]
        yield Line(
            group=group,
            manner=manner.name,
            customers=customers,
            talks=len(talks),
            gain_eur=interval([float(one.gain_eur[some].mean()) for one, some in both]),
            more_eur=interval([float(one[some].mean()) for one, some in zip(more, rows, strict=True)]),
            accepted_share=_mean([talk.accepted is not None for talk in talks]),
            tables=_mean([len(talk.tables) for talk in talks]),
            left_share=_left_share(both),
            limits_broken=sum(talk.breaks_a_limit for talk in talks),
        )


def _left_share(both: Sequence[tuple[Outcome, NDArray[np.bool_]]]) -> float:
    return float(np.concatenate([one.left[some] for one, some in both]).mean())


def _mean(figures: Sequence[float]) -> float:
    return float(np.mean(figures)) if figures else 0.0


def write_lines(lines: Sequence[Line]) -> str:
    """The lines as a table, a block a group."""
    return "\n\n".join(_block([line for line in lines if line.group == group]) for group in _groups(lines))


def _groups(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(line.group for line in lines))


def _block(lines: Sequence[Line]) -> str:
    head = lines[0]
    titles = (
        f"{'':<22}{'EUR a customer':>23}{'more than one offer':>23}{'accept':>8}{'tables':>8}{'leave':>8}{'broken':>8}"
    )
    title = f"{head.group}: {head.customers:,} asked, {lines[-1].talks:,} talks"
    return "\n".join([title, titles, *map(_row, lines)])


def _row(line: Line) -> str:
    if line.manner == NO_OFFER:
        return f"{line.manner:<22}{0:>23}{'':>23}{'':>8}{'':>8}{line.left_share:>8.1%}{'':>8}"
    more = "" if line.manner == MANNERS[0].name else _told(line.more_eur)
    shares = f"{line.accepted_share:>8.1%}{line.tables:>8.2f}{line.left_share:>8.1%}{line.limits_broken:>8}"
    return f"{line.manner:<22}{_told(line.gain_eur):>23}{more:>23}{shares}"


def _told(found: Interval) -> str:
    return f"{found.mean:+.2f} [{found.low:+.2f}, {found.high:+.2f}]"
