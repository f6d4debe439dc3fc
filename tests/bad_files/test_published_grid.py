"""docs/bad-input.md publishes the grid that is tested."""

from tests.bad_files.grid import DOCUMENT, counts, with_grid


def test_the_published_counts_are_those_of_the_cases() -> None:
    published = DOCUMENT.read_text("utf-8")
    assert with_grid(published) == published


def test_every_published_cell_holds_at_least_ten() -> None:
    assert {cell: count for cell, count in counts().items() if count < 10} == {}
