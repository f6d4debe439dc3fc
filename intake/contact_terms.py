"""The terms that were offered in each contact, as the catalogue in force knows them."""

from collections.abc import Mapping as Table
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.fields import default_column
from engine.rulebook import InForce
from engine.tables import Column
from engine.terms import NONE
from intake.columns import Columns
from intake.contact_columns import TERMS, UNKNOWN
from intake.facts import FactReader
from intake.sources import FactSource

Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Offered:
    """Terms by the names of `engine.terms.Terms` [n]; the price of the device in the shop (0: none) and its name."""

    terms: dict[str, Column]
    device_price_cents: Whole
    devices: Column


def read_terms(
    columns: Columns, reader: FactReader, sources: Table[str, FactSource], offered: Truth, in_force: InForce
) -> Offered:
    """The terms of every row; rejects those that nobody can have been offered, and any where nothing was `offered`."""
    return _TermsReader(columns, reader, sources, offered, in_force).read()


class _TermsReader:
    def __init__(
        self, columns: Columns, reader: FactReader, sources: Table[str, FactSource], offered: Truth, in_force: InForce
    ) -> None:
        self._columns, self._reader, self._sources, self._offered = columns, reader, sources, offered
        self._catalogue, self._policy = in_force.catalogue, in_force.policy

    def read(self) -> Offered:
        """Every term of every row, read from the id of an offer or from columns of their own."""
        given = {name: default_column(field, self._columns.rows) for name, field in TERMS.items()}
        given |= {name: self._reader.fact(TERMS[name], source) for name, source in self._sources.items()}
        self._refuse_terms_without_an_offer()
        return self._by_id(given) if "offer_id" in self._sources else self._by_columns(given)

    def _reject(self, name: str, bad: Truth, what: str, values: Column | None = None) -> None:
        shown = None if values is None else pl.Series(values)
        column = self._sources[name].column if name in self._sources else "terms"
        self._columns.rejects.reject(pl.Series(bad), column, what, shown)

    def _need(self, name: str, unknown: Truth, by: str) -> None:
        """Rejects rows whose cell is blank; what stands there and cannot be read has its own reason."""
        source = self._sources.get(name)
        blank = self._reader.shown(source).is_null().to_numpy() if source else True
        self._reject(name, unknown & blank, f"is missing, and {by} needs it")

    def _refuse_terms_without_an_offer(self) -> None:
        """Rejects rows in which nothing was offered and a term is not blank and not zero."""
        for name, source in self._sources.items():
            if TERMS[name].kind == "whole":
                told = self._columns.number(source.column).fill_null(0).to_numpy() != 0
            else:
                told = self._columns.text(source.column).is_not_null().to_numpy()
            self._reject(name, told & ~self._offered, "terms where nothing was offered")

    def _by_id(self, given: dict[str, Column]) -> Offered:
        """Terms from the ids of offers of the catalogue."""
        ids = given["offer_id"]
        column = _looked_up(ids, self._catalogue.column_of)
        self._reject("offer_id", self._offered & (column == NONE), "is no offer of the rulebook", ids)
        made = self._offered & (column != NONE)
        listed = vars(self._catalogue.listed.priced.terms)
        blank = self._nothing(len(ids))
        terms = {name: np.where(made, values[0, column], blank[name]) for name, values in listed.items()}
        names = np.array([*self._catalogue.goods.device_ids, ""], dtype=object)[terms["device"]]
        return Offered(terms, self._prices(terms["device"], names, given), names)

    def _by_columns(self, given: dict[str, Column]) -> Offered:
        """Terms from a column each."""
        rows = len(self._offered)
        names, commitment, top_up = given["device"], given["commitment_months"], given["top_up_cents"]
        self._need("commitment_months", self._offered & (commitment == UNKNOWN), "an offer")
        self._need("top_up_cents", self._offered & (names != "") & (top_up == UNKNOWN), "a device")
        self._reject("top_up_cents", self._offered & (names == "") & (top_up > 0), "a top-up without a device")
        device = _looked_up(names, self._catalogue.device_index)
        terms = self._nothing(rows) | {
            "device": device,
            "commitment_months": np.maximum(commitment, 0),
            "top_up_cents": np.maximum(top_up, 0),
            "discount_cents": given["discount_cents"],
            "credit_cents": given["credit_cents"],
            "extras": self._extras(given["extras"]),
            "trade_in": self._trade_in(given["trade_in"]),
        }
        terms["discount_months"] = self._discount_months(given["discount_months"], terms)
        price = self._prices(device, names, given)
        self._reject(
            "device", self._offered & (names != "") & (price <= 0), "has no price, here or in devices.toml", names
        )
        kept = ("discount_cents", "credit_cents", "extras")
        empty = (names == "") & (terms["trade_in"] == NONE) & ~np.any([terms[name] > 0 for name in kept], axis=0)
        self._reject("", self._offered & empty & self._columns.rejects.good(), "an offer of nothing")
        made = {name: np.where(self._offered, terms[name], blank) for name, blank in self._nothing(rows).items()}
        return Offered(made, price, names)

    def _nothing(self, rows: int) -> dict[str, Column]:
        """No terms: no template, device or trade-in (-1), all else 0."""
        names = ("template", "device", "commitment_months", "top_up_cents", "discount_cents", "discount_months",
                 "extras", "credit_cents", "trade_in")  # fmt: skip
        return {
            name: np.full(rows, NONE if name in ("template", "device", "trade_in") else 0, dtype=np.int64)
            for name in names
        }

    def _discount_months(self, stated: Whole, terms: dict[str, Column]) -> Whole:
        """As stated; else as in the catalogue: as long as the commitment, or what the house gives without one."""
        commitment = terms["commitment_months"]
        usual = np.where(commitment > 0, commitment, self._policy["months_of_discount_without_commitment"])
        return np.where((stated > 0) & (terms["discount_cents"] > 0), stated, usual)

    def _extras(self, told: Column) -> Whole:
        bits = self._catalogue.extra_bit
        unknown = np.array([any(name not in bits for name in names) for names in told], dtype=bool)
        self._reject(
            "extras", self._offered & unknown, "is no extra of offers.toml", np.array([";".join(some) for some in told])
        )
        return np.array([sum(1 << bits[name] for name in names if name in bits) for names in told], dtype=np.int64)

    def _trade_in(self, names: Column) -> Whole:
        known = {name: self._catalogue.device_index[name] for name in self._catalogue.taken_back}
        found = _looked_up(names, known)
        self._reject(
            "trade_in", self._offered & (names != "") & (found == NONE), "is not taken back in devices.toml", names
        )
        return found

    def _prices(self, device: Whole, names: Column, given: dict[str, Column]) -> Whole:
        stated = given["device_price_cents"]
        price = np.where(stated > 0, stated, self._catalogue.goods.device_price_cents[device])
        return np.where(names != "", price, 0)


def _looked_up(names: Column, known: Table[str, int]) -> Whole:
    """The index of each name; -1 for "" and for what is not known."""
    return np.array([known.get(name, NONE) for name in names], dtype=np.int64)
