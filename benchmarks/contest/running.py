"""One cell of the contest after another, each result kept as a line of JSON, so that a long run can be resumed."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from benchmarks.contest import product, risk, single, trees
from benchmarks.contest.choice import NOTHING, Learn
from benchmarks.markets import Contacts, Market, make_market, read_shelf
from benchmarks.markets.people import Floats, People

CONTENDERS: Mapping[str, Learn] = {
    "single": single.learn,
    "risk": risk.learn,
    "trees": trees.learn,
    "priors": product.learn_on_priors,
    "learned": product.learn_response_too,
}
PEOPLE = 2_000
RESULTS = "results.jsonl"


@dataclass(frozen=True)
class Cell:
    """A market of a kind and seed, and how many contacts there are to learn from."""

    kind: str
    size: int
    seed: int


@dataclass(frozen=True)
class Result:
    """What a contender earned in a cell: EUR a customer, as a share of the best policy's; `promised` None: no promise.

    `earned`, `promised` and `best` are means over all customers; `called` the share of them who get an offer.
    """

    kind: str
    size: int
    seed: int
    contender: str
    share: float
    earned: float
    promised: float | None
    best: float
    called: float
    seconds: float


@dataclass(frozen=True)
class Field:
    """Fresh customers of a market, and what every offer would truly be worth to each, [n, C]."""

    market: Market
    people: People
    values: Floats


@lru_cache(maxsize=1)
def field_of(kind: str, seed: int) -> Field:
    """The customers on whom the contenders of a market are judged."""
    market = make_market(kind, seed, read_shelf())
    people = market.people(PEOPLE, np.random.default_rng([seed, 1]))
    return Field(market, people, market.true_values(people))


@lru_cache(maxsize=1)
def contacts_of(cell: Cell) -> Contacts:
    """What all contenders of a cell learn from."""
    market = field_of(cell.kind, cell.seed).market
    return market.draw_contacts(cell.size, np.random.default_rng([cell.seed, 2]))


def compete(cell: Cell, contender: str) -> Result:
    """One contender in one cell."""
    field, contacts = field_of(cell.kind, cell.seed), contacts_of(cell)
    began = time.perf_counter()
    choice = CONTENDERS[contender](contacts, field.market.shelf)(field.people)
    seconds = time.perf_counter() - began
    made = choice.offered != NOTHING
    earned = np.where(made, field.values[np.arange(PEOPLE), choice.offered], 0.0).mean()
    best = np.maximum(field.values.max(axis=1), 0.0).mean()
    promised = None if choice.promised is None else float(choice.promised.mean())
    return Result(
        **asdict(cell),
        contender=contender,
        share=float(earned / best),
        earned=float(earned),
        promised=promised,
        best=float(best),
        called=float(made.mean()),
        seconds=round(seconds, 1),
    )


def run(cells: Sequence[Cell], contenders: Iterable[str], folder: Path) -> list[Result]:
    """Every contender in every cell; what the folder holds already is read from it, and each new result put there."""
    folder.mkdir(parents=True, exist_ok=True)
    known = {(Cell(one.kind, one.size, one.seed), one.contender): one for one in read_results(folder)}
    for cell in cells:
        for contender in contenders:
            if (cell, contender) not in known:
                known[cell, contender] = result = compete(cell, contender)
                with (folder / RESULTS).open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(result)) + "\n")
    return [known[cell, contender] for cell in cells for contender in contenders]


def read_results(folder: Path) -> list[Result]:
    """The results that a folder holds; of a cell and contender met twice the last counts."""
    path = folder / RESULTS
    return [Result(**json.loads(line)) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
