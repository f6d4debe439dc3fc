"""Three simulated markets whose truth is known, and a contest over them; no model of the product is in them."""

from benchmarks.markets.classes import ClassesMarket
from benchmarks.markets.market import Chances, Contacts, Market
from benchmarks.markets.shelf import Shelf, read_shelf
from benchmarks.markets.smooth import SmoothMarket
from benchmarks.markets.wary import WaryMarket

KINDS: dict[str, type[Market]] = {"smooth": SmoothMarket, "classes": ClassesMarket, "wary": WaryMarket}


def make_market(kind: str, seed: int, shelf: Shelf | None = None) -> Market:
    """The market of a kind; the seed moves its coefficients a little, so that each is a market of its own."""
    return KINDS[kind](shelf or read_shelf(), seed)


__all__ = ["KINDS", "Chances", "Contacts", "Market", "Shelf", "make_market", "read_shelf"]
