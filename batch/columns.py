"""What one row of the output holds: the answer to one contract, flat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from engine.answers import Amounts
from ledger.records import outcome_digest

Answer = Mapping[str, Any]
Row = tuple[Any, ...]

OF_THE_RUN: dict[str, Any] = {
    "decided_on": pl.Date,
    "assumptions": pl.String,
    "model_version": pl.String,
    "rulebook_digest": pl.String,
    "engine_version": pl.String,
}
"""Columns that say the same in every row."""

OF_THE_OFFER: dict[str, Any] = {
    "offer_id": pl.String,
    "kind": pl.String,
    "device": pl.String,
    "top_up_cents": pl.Int64,
    "commitment_months": pl.Int64,
    "commitment_ends_on": pl.Date,
    "monthly_cents": pl.Int64,
    "discount_cents": pl.Int64,
    "discount_months": pl.Int64,
    "discount_ends_on": pl.Date,
    "monthly_cents_after_discount": pl.Int64,
    "extras": pl.String,
    "extras_end_on": pl.Date,
    "credit_cents": pl.Int64,
    "trade_in": pl.String,
    "trade_in_credit_cents": pl.Int64,
    "worth_to_customer_cents_a_month": pl.Int64,
    "p_accept": pl.Float64,
    "may_approve": pl.String,
    "needs_approval": pl.Boolean,
    "expires_on": pl.Date,
}
"""The main offer's columns, named as in the answer; all empty where there is no offer."""

OF_THE_ANSWER: dict[str, Any] = {
    "contract_id": pl.String,
    "stance": pl.String,
    "repair": pl.String,
    "tenure_months": pl.Int64,
    "leaving_now_cents": pl.Int64,
    "leaving_free_from": pl.Date,
    "p_churn": pl.Float64,
    "p_churn_window_months": pl.String,
    "p_churn_source": pl.String,
    **OF_THE_OFFER,
    "twin_offer_id": pl.String,
    "twin_top_up_cents": pl.Int64,
    "alternatives": pl.String,
    "entitlements": pl.String,
    "concession_cents": pl.Int64,
    "dues_cents": pl.Int64,
    "sentence_for_customer": pl.String,
    "sentence_for_agent": pl.String,
    "why_not_offer_id": pl.String,
    "why_not_rules": pl.String,
    "call_rules": pl.String,
    "call_unchecked": pl.String,
    "call_not_before": pl.String,
    "call_time_zone": pl.String,
    "unverified_rules": pl.String,
    "degraded": pl.String,
    "answer_sha256": pl.String,
}
COLUMNS = {**OF_THE_ANSWER, **OF_THE_RUN}
OF_THE_DRAW: dict[str, Any] = {"arm": pl.String, "probability_micro": pl.Int64}
"""What chance did: for who evaluates, never among the columns that agents read."""
DRAWS = ("contract_id", "offer_id", *OF_THE_DRAW, *OF_THE_RUN, "answer_sha256")
"""The columns of a file of draws: the main offer (empty: none), its arm and its chance."""
LANGUAGE_OF_AGENTS = "fr"


@dataclass(frozen=True)
class Decided:
    """One contract and what was decided: its answer, what had to be assumed, what guards each offer and each due."""

    contract_id: str
    language: str
    tenure_months: int | None
    written: Answer
    degraded: Sequence[str]
    amounts: Sequence[Amounts]
    drawn: tuple[str, int]


def flatten(decided: Decided) -> Row:
    """One decision as the values of `OF_THE_ANSWER` and `OF_THE_DRAW`, in order; dates as ISO text, ids with ';'."""
    written = decided.written
    depths = [amounts.depth_cents for amounts in decided.amounts]
    main = written["offers"][0] if written["offers"] else None
    twin = main and main["twin"]
    said = (main or written)["sentences"]
    nearest = written["why_not"][0] if written["why_not"] else None
    window, leaving = written["p_churn_window_months"], written["leaving_now"] or {}
    call = written["call"]
    return (
        decided.contract_id,
        written["stance"],
        written["repair"] and "; ".join(filter(None, written["repair"].values())),
        decided.tenure_months,
        leaving.get("at_most_cents"),
        leaving.get("free_from"),
        written["p_churn"],
        None if window is None else str(window),
        written["p_churn_source"],
        *(_joined(main[name]) if main else None for name in OF_THE_OFFER),
        twin and twin["offer_id"],
        twin and twin["top_up_cents"],
        _ids(written["offers"][1:]),
        _ids(written["entitlements"]),
        depths[0] if main else None,
        sum(depths[len(written["offers"]) :]),
        said["customer"][decided.language],
        said["agent"][LANGUAGE_OF_AGENTS],
        nearest and nearest["offer_id"],
        nearest and _joined(nearest["rules"]),
        *(call and _joined(call[name]) for name in ("rules", "unchecked", "not_before", "time_zone")),
        _joined(written["unverified_rules"]),
        _joined(decided.degraded),
        outcome_digest(written),
        *decided.drawn,
    )


def make_frame(rows: Sequence[Row], of_the_run: Mapping[str, str]) -> pl.DataFrame:
    """Rows of `flatten` as a table of `COLUMNS` and `OF_THE_DRAW`; `of_the_run` holds the values of `OF_THE_RUN`."""
    of_a_row = {**OF_THE_ANSWER, **OF_THE_DRAW}
    texts = {name: pl.String if kind == pl.Date else kind for name, kind in of_a_row.items()}
    frame = pl.DataFrame(rows, schema=texts, orient="row")
    frame = frame.with_columns(pl.lit(value, pl.String).alias(name) for name, value in of_the_run.items())
    return frame.with_columns(pl.col(name).str.to_date() for name, kind in COLUMNS.items() if kind == pl.Date)


def _ids(offers: Sequence[Answer]) -> str | None:
    return _joined([offer["offer_id"] for offer in offers])


def _joined(value: Any) -> Any:
    return (";".join(value) or None) if isinstance(value, list | tuple) else value
