"""The market lived from its first month to today: one book, snapshots of its past, and the experiment's waves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.market.campaign import CONTROL, Wave, run_wave
from training.market.lines import NEVER, STRANGER, first_lines, join, new_lines, take
from training.market.month import live_month
from training.market.people import TOWNS, Table, town_quality
from training.market.rival import Rival, draw_rival
from training.market.truth import Truth
from training.market.world import Numbers, World

Days = NDArray[np.datetime64]
TRUTH = Truth()


@dataclass(frozen=True)
class Snapshot:
    """The book on `day`, a first of a month; `undisturbed` [n]: lines that nobody called in the wave begun that day."""

    day: np.datetime64
    lines: Table
    undisturbed: NDArray[np.bool_]


@dataclass(frozen=True)
class Market:
    """What was lived: the rival, today's book, past books each with its wave, when each line left (NaT: never).

    `left_on` is indexed by a line's serial number; `months` and `rival` cover every month that was lived. `quality` and
    `rumour` [towns]: how often the network fails there, and what is being said, as the story ends.
    """

    truth: Truth
    months: NDArray[np.datetime64]
    rival: Rival
    today: Snapshot
    past: tuple[tuple[Snapshot, Wave], ...]
    left_on: NDArray[np.datetime64]
    seed: int
    quality: Numbers
    rumour: Numbers


def _unseen(done: int, months: int) -> None:
    """Nobody watches the months go by."""


def simulate_market(
    contracts: int, seed: int, today: np.datetime64, truth: Truth = TRUTH, lived: Callable[[int, int], None] = _unseen
) -> Market:
    """A market of `contracts` lines that ends on `today`, the first of a month; the same seed, the same market.

    `lived` is told after every month how many are done, of how many.
    """
    rng, rivals_rng = np.random.default_rng(seed).spawn(2)
    span = truth.burn_in_months + truth.waves * truth.wave_months
    months = today.astype("datetime64[M]") + np.arange(-span, 1)
    world = World(rng, truth, months, draw_rival(rivals_rng, months, truth), town_quality(rng), np.zeros(TOWNS))
    book = _numbered(first_lines(rng, contracts, months[0], truth), 0)
    left_on: Days = np.full(contracts, NEVER)
    past: list[tuple[Snapshot, Wave]] = []
    for month in range(span):
        world.now = month
        if month >= truth.burn_in_months and (month - truth.burn_in_months) % truth.wave_months == 0:
            past.append(_one_wave(book, world))
        book, left_on = _one_month(book, left_on, world)
        lived(month + 1, span)
    last = Snapshot(months[-1].astype("datetime64[D]"), book, np.ones(contracts, dtype=bool))
    return Market(truth, months, world.rival, last, tuple(past), left_on, seed, world.quality, world.rumour)


def _one_wave(book: Table, world: World) -> tuple[Snapshot, Wave]:
    before = {name: column.copy() for name, column in book.items()}
    wave = run_wave(book, world)
    called = np.isin(before["serial"], wave.serial[wave.arm != CONTROL])
    return Snapshot(world.today, before, ~called), wave


def _one_month(book: Table, left_on: Days, world: World) -> tuple[Table, Days]:
    leaves, day = live_month(book, world)
    left_on[book["serial"][leaves]] = day[leaves]
    stays = take(book, ~leaves)
    newcomers = new_lines(world.rng, stays, int(leaves.sum()), world.month, world.truth)
    newcomers = _numbered(newcomers, len(left_on))
    left_on = np.concatenate([left_on, np.full(len(newcomers["serial"]), NEVER)])
    return join(stays, newcomers), left_on


def _numbered(lines: Table, first: int) -> Table:
    serial = np.arange(first, first + len(lines["town"]))
    return {**lines, "serial": serial, "customer": np.where(lines["customer"] == STRANGER, serial, lines["customer"])}
