"""The contest in tables: shares of the best policy, paired differences with intervals, promises beside what came."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.stats import t as student

from benchmarks.contest.running import Result
from benchmarks.markets.people import Floats

BY_KIND = {"smooth": 0, "classes": 1, "wary": 2}
HEADER = " " * 10 + "   share of the best  above 0  promised/came  called{:>28}     s"


def tell(results: Sequence[Result], champion: str) -> Iterator[str]:
    """Lines: for each kind and size every contender, and the champion's paired difference to it."""
    cells = sorted({(one.kind, one.size) for one in results}, key=lambda cell: (BY_KIND.get(cell[0], 9), cell))
    contenders = list(dict.fromkeys(one.contender for one in results))
    for kind, size in cells:
        here = [one for one in results if (one.kind, one.size) == (kind, size)]
        by_contender = {name: sorted((one for one in here if one.contender == name), key=_seed) for name in contenders}
        yield f"\n{kind}, {size} contacts, {len({one.seed for one in here})} seeds"
        yield HEADER.format(f"{champion} less it")
        for name, some in by_contender.items():
            if some:
                yield _line(name, some, by_contender.get(champion, []))


def _seed(result: Result) -> int:
    return result.seed


def _line(name: str, some: Sequence[Result], champions: Sequence[Result]) -> str:
    shares = np.array([one.share for one in some])
    line = f"{name:<10}{shares.mean():>12.3f} ± {_error(shares):.3f}{(shares > 0).sum():>6}/{len(shares)}"
    line += f"{_kept(some):>15}{np.mean([one.called for one in some]):>8.2f}"
    line += f"{_difference(some, champions) if champions and champions[0].contender != name else '':>28}"
    return line + f"{np.mean([one.seconds for one in some]):>6.0f}"


def _kept(some: Sequence[Result]) -> str:
    """Promised over realised, over all seeds; nothing where a contender promises nothing or realised nothing."""
    promised, earned = [one.promised for one in some], sum(one.earned for one in some)
    told = [one for one in promised if one is not None]
    if len(told) < len(promised):
        return ""
    return f"{sum(told) / earned:.2f}" if earned > 0 else "lost money" if sum(told) > 0 else "nothing"


def _difference(some: Sequence[Result], champions: Sequence[Result]) -> str:
    """The mean of the paired differences and its 95 % interval."""
    theirs = {one.seed: one.share for one in some}
    pairs = np.array([one.share - theirs[one.seed] for one in champions if one.seed in theirs])
    if len(pairs) < 2:
        return f"{pairs.mean():+.3f}" if len(pairs) else ""
    half = student.ppf(0.975, len(pairs) - 1) * _error(pairs)
    return f"{pairs.mean():+.3f} [{pairs.mean() - half:+.3f}, {pairs.mean() + half:+.3f}]"


def _error(values: Floats) -> float:
    """The standard error of a mean."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
