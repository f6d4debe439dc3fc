"""What customers get by how long they have been with us, from a file of decisions: loyalty must not cost them."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from engine.errors import Fault, Faults

BANDS = {"under 1 year": 0, "1 year": 12, "2 to 4 years": 24, "5 to 9 years": 60, "10 years and more": 120}
"""Bands of tenure by the month in which they begin."""

READ = ("tenure_months", "offer_id", "concession_cents", "dues_cents", "entitlements")
UNKNOWN = "unknown"


def by_tenure(decided: Path) -> pl.DataFrame:
    """One row a band: customers, those with an offer, mean concession of it, those with dues, mean cost of these.

    The cost of dues stands apart from that of offers. Raises Faults for a file that `counteroffer score` did not write.
    """
    table = _read(decided)
    names = [*BANDS, UNKNOWN]
    begins = pl.Series("begins", list(BANDS.values()))
    place = begins.search_sorted(table["tenure_months"].fill_null(0), "right") - 1
    known = table["tenure_months"].is_not_null()
    band = pl.when(known).then(place).otherwise(len(BANDS)).alias("band")
    grouped = (
        table.with_columns(band)
        .group_by("band")
        .agg(
            pl.len().alias("customers"),
            pl.col("offer_id").is_not_null().sum().alias("with_an_offer"),
            pl.col("concession_cents").mean().round(0).cast(pl.Int64).alias("mean_concession_cents"),
            pl.col("entitlements").is_not_null().sum().alias("with_dues"),
            pl.col("dues_cents").mean().round(0).cast(pl.Int64).alias("mean_dues_cents"),
        )
    )
    named = pl.DataFrame({"band": range(len(names)), "tenure": names}, schema_overrides={"band": pl.Int64})
    joined = named.join(grouped.with_columns(pl.col("band").cast(pl.Int64)), "band", how="inner", maintain_order="left")
    return joined.drop("band")


def _read(decided: Path) -> pl.DataFrame:
    decided.stat()
    readers: dict[str, Callable[[Path], pl.LazyFrame]] = {".csv": pl.scan_csv, ".parquet": pl.scan_parquet}
    if decided.suffix not in readers:
        raise Faults(
            [Fault("usage", decided.name, "neither .csv nor .parquet", "a file that counteroffer score wrote")]
        )
    try:
        return readers[decided.suffix](decided).select(READ).collect()
    except pl.exceptions.PolarsError as error:
        what = str(error).partition("\n")[0]
        raise Faults([Fault("bad-file", decided.name, what, "a file that counteroffer score wrote")]) from error
