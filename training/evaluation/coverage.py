"""How often the intervals hold the truth: logs drawn again and again from worlds whose truth is counted out.

`python -m training.evaluation.coverage` prints the study of docs/learning.md; `--runs` makes it shorter.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom
from sklearn.linear_model import Ridge

from training.evaluation.cross_fit import cross_fitted, folds_of
from training.evaluation.estimates import Logged, doubly_robust, snips
from training.evaluation.intervals import Numbers
from training.interval import CONFIDENCE

TYPES = 8
"""Kinds of customers in a world; the reward model sees two noisy traits of each, never the kind."""
TRAITS = 2
EFFECTIVE = 300.0
"""The effective sample a log is made for; what falls to 200 or below is refused and not counted."""
RUNS = 500

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Design:
    """A kind of log: how many arms, how their chances lie, what rewards look like, rows of one customer."""

    arms: int
    chances: str
    rewards: str
    visits: int = 1

    def __str__(self) -> str:
        often = f", {self.visits} contacts a customer" if self.visits > 1 else ""
        return f"{self.arms} arms, {self.chances} chances, {self.rewards}{often}"


DESIGNS = (
    Design(2, "uniform", "money"),
    Design(6, "uniform", "rare"),
    Design(6, "skewed", "rare"),
    Design(6, "skewed", "reactions", visits=2),
    Design(12, "greedy", "reactions"),
    Design(12, "uniform", "amounts"),
    Design(30, "uniform", "reactions"),
    Design(30, "skewed", "money"),
)
"""money: near normal; rare: 1 to 9 % bring 100 EUR; reactions: left, stayed or accepted, in cents; amounts: most buy
nothing, some much. skewed: arms drawn some twenty times as often as others; greedy: one arm in seven of ten."""


@dataclass(frozen=True)
class World:
    """Kinds of customers and their `shares` [k]; the chance and mean reward of each arm, (k, arms); a policy [k]."""

    design: Design
    shares: Numbers
    chances: Numbers
    levels: Numbers
    traits: Numbers
    policy: Whole

    @property
    def truth_cents(self) -> float:
        """What the policy earns a decision, counted out over kinds."""
        return float(self.shares @ _mean(self.design.rewards, self.levels)[np.arange(TYPES), self.policy])

    @property
    def customers(self) -> int:
        """How many customers make the effective sample."""
        weights = float(self.shares @ (1 / self.chances[np.arange(TYPES), self.policy]))
        return int(EFFECTIVE * weights / self.design.visits)


def make_world(design: Design, seed: int) -> World:
    """A world of a design; its policy prefers what brings more, with errors."""
    rng = np.random.default_rng(seed)
    levels = rng.normal(size=(TYPES, design.arms))
    liked = _mean(design.rewards, levels)
    return World(
        design=design,
        shares=rng.dirichlet(np.full(TYPES, 5.0)),
        chances=_chances(design, rng),
        levels=levels,
        traits=rng.normal(size=(TYPES, TRAITS)),
        policy=(liked + 0.3 * liked.std() * rng.normal(size=liked.shape)).argmax(axis=1),
    )


def _chances(design: Design, rng: np.random.Generator) -> Numbers:
    even = np.full((TYPES, design.arms), 1 / design.arms)
    if design.chances == "skewed":
        drawn = np.exp(1.2 * rng.normal(size=even.shape))
        return 0.9 * drawn / drawn.sum(axis=1, keepdims=True) + 0.1 * even
    if design.chances == "greedy":
        return 0.7 * np.eye(design.arms)[rng.integers(0, design.arms, TYPES)] + 0.3 * even
    return even


def _mean(rewards: str, levels: Numbers) -> Numbers:
    if rewards == "money":
        return 1_000 + 400 * levels
    if rewards == "rare":
        return 10_000 * _rare(levels)
    if rewards == "amounts":
        return _buys(levels) * np.exp(8 + AMOUNT_SPREAD**2 / 2)
    accepts, leaves = _reacts(levels)
    return accepts * ACCEPTED + leaves * LEFT + (1 - accepts - leaves) * STAYED


def _draw(rng: np.random.Generator, rewards: str, levels: Numbers) -> Numbers:
    """Rewards of rows [n] at their levels [n], in cents."""
    chance = rng.random(len(levels))
    if rewards == "money":
        return _mean(rewards, levels) + 1_500 * rng.normal(size=len(levels))
    if rewards == "rare":
        return np.where(chance < _rare(levels), 10_000.0, 0.0)
    if rewards == "amounts":
        amounts = np.exp(8 + AMOUNT_SPREAD * rng.normal(size=len(levels)))
        return np.where(chance < _buys(levels), amounts, 0.0)
    accepts, leaves = _reacts(levels)
    return np.where(chance < accepts, ACCEPTED, np.where(chance < accepts + leaves, LEFT, STAYED))


ACCEPTED, STAYED, LEFT = 26_000.0, 24_000.0, 3_000.0
AMOUNT_SPREAD = 0.8


def _rare(levels: Numbers) -> Numbers:
    return np.clip(0.04 * np.exp(0.5 * levels), 0.01, 0.09)


def _buys(levels: Numbers) -> Numbers:
    return np.clip(0.2 * np.exp(0.4 * levels), 0.02, 0.6)


def _reacts(levels: Numbers) -> tuple[Numbers, Numbers]:
    return np.clip(0.2 * np.exp(0.5 * levels), 0.0, 0.6), np.clip(0.10 - 0.03 * levels, 0.02, 0.3)


def draw_log(world: World, rng: np.random.Generator) -> tuple[Logged, Whole, Whole]:
    """(decisions logged, the kind of each row's customer, the arm drawn)."""
    customers = np.repeat(np.arange(world.customers), world.design.visits)
    kind = rng.choice(TYPES, world.customers, p=world.shares)[customers]
    drawn = rng.random(len(kind))[:, None] > world.chances.cumsum(axis=1)[kind]
    arm = np.minimum(drawn.sum(axis=1), world.design.arms - 1)
    rewards = _draw(rng, world.design.rewards, world.levels[kind, arm])
    return Logged(world.chances[kind, arm], rewards, customers), kind, arm


@dataclass(frozen=True)
class Held:
    """How many of so many intervals held the truth, of weighting and doubly robust; the other runs were refused."""

    runs: int
    told: int
    snips: int
    doubly_robust: int


def measure(design: Design, runs: int, seed: int) -> Held:
    """Draw so many logs of one world and count the intervals that hold its truth."""
    world = make_world(design, seed)
    truth, held = world.truth_cents, []
    for run in range(runs):
        logged, kind, arm = draw_log(world, np.random.default_rng([seed, run]))
        chosen = world.policy[kind]
        share = (arm == chosen).astype(np.float64)
        expected = cross_fitted(Ridge, _inputs(world, kind, arm), _inputs(world, kind, chosen), logged, _folds(logged))
        found = [estimate.interval for estimate in (snips(logged, share), doubly_robust(logged, share, expected))]
        held.append([-1 if one is None else int(one.low <= truth <= one.high) for one in found])
    told = np.array(held)[np.min(held, axis=1) >= 0]
    return Held(runs, len(told), *told.sum(axis=0).tolist())


def _folds(logged: Logged) -> Whole:
    return folds_of(logged.customers)


def _inputs(world: World, kind: Whole, arm: Whole) -> Numbers:
    return np.hstack([world.traits[kind], np.eye(world.design.arms)[arm]])


def band(runs: int, certainty: float = 0.99) -> tuple[int, int]:
    """Between how many of so many intervals hold the truth when each does so in 95 of 100 cases."""
    ends = (1 - certainty) / 2, (1 + certainty) / 2
    low, high = (int(binom.ppf(end, runs, CONFIDENCE)) for end in ends)
    return low, high


def study(runs: int) -> Iterator[str]:
    """The lines of the study, as they are found."""
    yield f"{'':<52}{'told':>6}{'SNIPS':>8}{'doubly robust':>15}{'99 % band':>18}"
    for seed, design in enumerate(DESIGNS):
        held = measure(design, runs, seed)
        low, high = (count / held.told for count in band(held.told))
        shares = f"{held.snips / held.told:>8.1%}{held.doubly_robust / held.told:>15.1%}"
        yield f"{design!s:<52}{held.told:>6}{shares}{f'{low:.1%} to {high:.1%}':>18}"


def main() -> None:
    """Print the study."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=RUNS, help="logs drawn of each design")
    for line in study(options.parse_args().runs):
        print(line, flush=True)


if __name__ == "__main__":
    main()
