"""One row = a batch = any chunking: answers and verdicts, byte for byte."""

import dataclasses
import datetime
import json
from collections.abc import Iterator
from random import Random

import numpy as np
import pytest

from engine.answers import write_answer
from engine.decide import Decisions, decide
from engine.question import Sheet
from engine.tables import Cases, Scores
from tests.properties.customers import cases_of, random_askers, scores_of
from tests.properties.rulebooks import World, house_documents, random_world


def assert_the_same_in_any_chunks(world: World, rows: int, seed: int) -> None:
    random, rulebook = Random(seed), world.rulebook
    askers = random_askers(random, world, rows)
    cases, scores = cases_of(askers), scores_of(askers)
    whole = list(_bytes_of_rows(decide(cases, scores, rulebook, world.today)))
    for most in (1, 7, rows):
        chunked: list[bytes] = []
        while len(chunked) < rows:
            chunk = slice(len(chunked), min(rows, len(chunked) + random.randint(1, most)))
            taken = decide(cases.take(chunk), _take(scores, chunk), rulebook, world.today)
            chunked += _bytes_of_rows(taken)
        assert chunked == whole, f"seed {seed}, chunks of at most {most}"
    turned = np.arange(rows)[::-1]
    assert list(_bytes_of_rows(_decide_rows(cases, scores, turned, world)))[::-1] == whole, f"seed {seed}, turned round"


def _decide_rows(cases: Cases, scores: Scores, rows: np.ndarray, world: World) -> Decisions:
    return decide(cases.take(rows), _take(scores, rows), world.rulebook, world.today)


def _take(scores: Scores, rows: slice | np.ndarray) -> Scores:
    return Scores(**{name: column[rows] for name, column in vars(scores).items()})


def _bytes_of_rows(decisions: Decisions) -> Iterator[bytes]:
    for row in range(len(decisions.question.profiled)):
        page, at = decisions.at(row)
        yield json.dumps(write_answer(decisions, row)).encode() + b"".join(_arrays(page.sheet, at))


def _arrays(sheet: Sheet, row: int) -> Iterator[bytes]:
    for part in (sheet, sheet.months):
        for column in (getattr(part, field.name) for field in dataclasses.fields(part)):
            if isinstance(column, np.ndarray):
                yield np.ascontiguousarray(column[..., min(row, column.shape[-2] - 1), :]).tobytes()


@pytest.mark.parametrize("seed", range(70_000, 70_010))
def test_a_random_rulebook_decides_the_same_for_one_row_and_for_many(seed: int) -> None:
    assert_the_same_in_any_chunks(random_world(Random(seed)), 30, seed)


def test_the_house_rulebook_decides_the_same_for_one_row_and_for_many() -> None:
    assert_the_same_in_any_chunks(World(dict(house_documents()), datetime.date(2026, 11, 21), 0.1), 60, 71_000)


@pytest.mark.long
@pytest.mark.parametrize("first", range(72_000, 72_100, 10))
def test_ten_thousand_decisions_are_the_same_for_one_row_and_for_many(first: int) -> None:
    for seed in range(first, first + 10):
        assert_the_same_in_any_chunks(random_world(Random(seed)), 90, seed)
    house = World(dict(house_documents()), datetime.date(2026, 11, 21), 0.1)
    assert_the_same_in_any_chunks(house, 100, first)
