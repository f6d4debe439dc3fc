"""The lines on the operator's book: opened with a tariff, a commitment and a device, later joined by newcomers."""

import numpy as np
from numpy.typing import NDArray

from training.market.catalogue import TARIFFS
from training.market.devices import NO_DEVICE, newest
from training.market.people import Table, draw_people
from training.market.truth import Truth

Months = NDArray[np.datetime64]
NEVER = np.datetime64("NaT", "D")
YEAR = 12
STRANGER = -1


def join(above: Table, below: Table) -> Table:
    """Two tables with the same columns, one under the other."""
    return {name: np.concatenate([column, below[name]]) for name, column in above.items()}


def take(table: Table, rows: NDArray[np.generic]) -> Table:
    """The same columns over some of the rows."""
    return {name: column[rows] for name, column in table.items()}


def first_lines(rng: np.random.Generator, n: int, month: np.datetime64, truth: Truth) -> Table:
    """The book [n] as it stands when the story opens: tenure skewed, up to twenty years."""
    people = draw_people(rng, n, truth)
    tenure = rng.gamma(1.15, 54.0, n) * (people["alertness"] / 0.022) ** -0.3
    return _open(rng, people, (240.0 * np.tanh(tenure / 240.0)).astype(np.int64), month)


def new_lines(rng: np.random.Generator, book: Table, n: int, month: np.datetime64, truth: Truth) -> Table:
    """Newcomers [n]: strangers, and one in eight a further line of a customer already on the book."""
    people = draw_people(rng, n, truth)
    lines = _open(rng, people, np.zeros(n, dtype=np.int64), month)
    again = np.flatnonzero(rng.random(n) < 0.125)
    household = rng.integers(0, len(book["town"]), len(again))
    for name in ("town", "language", "objects", "direct_debit", "hassle_eur", "alertness", "customer_since"):
        lines[name][again] = book[name][household]
    lines["customer"][again] = book["customer"][household]
    return lines


def _open(rng: np.random.Generator, people: Table, tenure: NDArray[np.int64], month: np.datetime64) -> Table:
    n = len(tenure)
    lines: Table = {**people, **_price(rng, people, tenure, month), **_quiet(n)}
    lines["customer_since"] = a_day(rng, month - tenure)
    renewed = np.minimum(tenure, (rng.exponential(20.0, n)).astype(np.int64))
    lines["commitment_end"] = _commitment(rng, people["kind"], month - renewed)
    subsidised = ~np.isnat(lines["commitment_end"]) & (rng.random(n) < 0.7)
    age = np.where(subsidised, renewed, np.minimum(rng.gamma(2.0, 10.5, n), 60.0)).astype(np.int64)
    bought = month - age
    shelf_months = (rng.random(n) ** 2 * 14).astype(np.int64)
    lines["device"] = np.where(rng.random(n) < 0.09, NO_DEVICE, newest(people["family"], bought - shelf_months))
    lines["bought"] = bought.astype("datetime64[M]")
    lines["subsidised"] = subsidised
    lines["customer"] = np.full(n, STRANGER)
    return lines


def a_day(rng: np.random.Generator, months: Months, first: int = 1) -> NDArray[np.datetime64]:
    """A day drawn in each month [n], from day `first` to day 28."""
    return months.astype("datetime64[D]") + rng.integers(first - 1, 28, len(months)).astype("timedelta64[D]")


def months_later(days: NDArray[np.datetime64], months: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """The same day of the month, some months later; days [n] lie between 1 and 28."""
    month = days.astype("datetime64[M]")
    return (month + months).astype("datetime64[D]") + (days - month.astype("datetime64[D]"))


def _price(rng: np.random.Generator, people: Table, tenure: NDArray[np.int64], month: np.datetime64) -> Table:
    n = len(tenure)
    allowance = np.array([tariff.data_gb for tariff in TARIFFS])
    shares = np.array([tariff.share for tariff in TARIFFS])
    on_sale = np.array([tariff.on_sale for tariff in TARIFFS])
    misfit = np.abs(np.log(np.outer(people["data_mb"] / 1000.0, 1.0 / allowance)))
    old_tariff = rng.random(n) < np.clip((tenure - 12) / 70.0, 0.0, 0.75)
    weight = shares * np.exp(-0.45 * misfit) * (on_sale != old_tariff[:, None])
    drawn = rng.random(n)[:, None] * weight.sum(axis=1, keepdims=True)
    tariff = (np.cumsum(weight, axis=1) < drawn).sum(axis=1)
    raised = np.where((tenure > 30) & (rng.random(n) < 0.4), rng.choice([1.0, 2.0, 3.0], n), 0.0)
    discount = np.where(rng.random(n) < 0.5, rng.choice([2.0, 3.0, 4.0, 5.0, 8.0], n), 0.0)
    list_eur = np.array([tariff.price_eur for tariff in TARIFFS])[tariff] + raised
    return {
        "tariff": tariff,
        "list_eur": np.round(list_eur, 2),
        "option_eur": rng.choice([0.0, 1.99, 5.0, 9.0], n, p=[0.74, 0.08, 0.12, 0.06]),
        "discount_eur": np.round(np.minimum(discount, 0.33 * list_eur), 0),
        "discount_end": (month - tenure + YEAR).astype("datetime64[D]"),
    }


def _commitment(rng: np.random.Generator, kind: NDArray[np.int64], signed: Months) -> NDArray[np.datetime64]:
    n = len(signed)
    bound = rng.random(n) < np.array([0.42, 0.74, 0.60, 0.62])[kind]
    months = rng.choice([12, 24], n, p=[0.35, 0.65])
    return np.where(bound, months_later(a_day(rng, signed), months), NEVER)


def _quiet(n: int) -> Table:
    return {
        "anger": np.zeros(n),
        "fault_days_left": np.zeros(n, dtype=np.int64),
        "fault": np.zeros(n, dtype=np.int64),
        "faults": np.zeros((n, YEAR), dtype=np.int64),
        "fault_days": np.zeros((n, YEAR), dtype=np.int64),
        "contacts": np.zeros((n, YEAR), dtype=np.int64),
        "calls_out": np.zeros((n, YEAR), dtype=np.int64),
        "refused": np.zeros((n, YEAR), dtype=np.int64),
        "complaints": np.zeros((n, 2 * YEAR), dtype=np.int64),
        "rest_months": np.zeros(n, dtype=np.int64),
        "called": np.zeros(n, dtype=np.int64),
        "price_rose": np.zeros(n, dtype=bool),
        "granted_eur": np.zeros(n),
        "granted_end": np.full(n, NEVER),
        "wish_age": np.full(n, 99),
        "wish_device": np.full(n, NO_DEVICE),
        "wish_months": np.full(n, -1),
        "wish_monthly_eur": np.full(n, np.nan),
        "wish_upfront_eur": np.full(n, np.nan),
        "wish_needs": np.full(n, "", dtype=object),
        "wish_reason": np.full(n, "", dtype=object),
        "wish_channel": np.full(n, "", dtype=object),
    }
