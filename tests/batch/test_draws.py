"""What chance did stands in a file of its own, and in no column that agents read."""

from pathlib import Path

import polars as pl
import pytest

from batch.columns import COLUMNS, DRAWS
from batch.scoring import score_contracts
from engine.rulebook import parse_rulebook
from engine.tables import MICRO
from tests.batch.test_score_command import score
from tests.batch.world import drawn, ignore, job, open_small, ordinary, small_rulebook, write_csv, write_mapping
from tests.engine.chances import texts_left_to_chance

RULEBOOK = parse_rulebook(texts_left_to_chance(small_rulebook().texts, control=0.3, explore=0.4))
CALLED = "phone_out"


def files_of(folder: Path, chunk_rows: int, draws: bool = True) -> dict[str, bytes]:
    source, _ = open_small(write_csv(folder / "contracts.csv", drawn(300, 5)), folder)
    asked = job(rulebook=RULEBOOK, channel=CALLED, draws=folder / "draws.parquet" if draws else None)
    score_contracts(source, asked, folder / "out.parquet", ignore, chunk_rows)
    written = [folder / name for name in ("out.parquet", "draws.parquet")]
    return {path.name: path.read_bytes() for path in written if path.exists()}


def test_draws_stand_row_by_row_in_their_own_file_and_the_output_is_the_same_without_it(tmp_path: Path) -> None:
    (tmp_path / "without").mkdir()
    with_draws, without = files_of(tmp_path, 2_000), files_of(tmp_path / "without", 2_000, draws=False)
    assert list(without) == ["out.parquet"]
    assert with_draws["out.parquet"] == without["out.parquet"]
    out, draws = (pl.read_parquet(tmp_path / name) for name in ("out.parquet", "draws.parquet"))
    assert (tuple(out.columns), tuple(draws.columns)) == (tuple(COLUMNS), DRAWS)
    assert not {"arm", "probability_micro"} & set(out.columns)
    shared = [name for name in DRAWS if name in COLUMNS]
    assert draws.select(shared).equals(out.select(shared))
    assert set(draws["arm"]) == {"control", "explore", "best"}
    assert draws["probability_micro"].is_between(1, MICRO).all()
    assert draws.filter(pl.col("probability_micro") < MICRO).height > 0


def test_who_would_be_called_and_is_in_the_control_group_is_left_alone_unless_they_asked_for_something(
    tmp_path: Path,
) -> None:
    files_of(tmp_path, 2_000)
    joined = pl.read_parquet(tmp_path / "out.parquet").join(pl.read_parquet(tmp_path / "draws.parquet"), "contract_id")
    control = joined.filter(pl.col("arm") == "control")
    asked_for = control["offer_id"].str.starts_with("wish.").fill_null(False)
    assert 0 < asked_for.sum() < control.height
    assert control.filter(asked_for)["probability_micro"].eq(MICRO).all()
    assert control.filter(~asked_for)["offer_id"].is_null().all()
    assert "offer" not in set(control.filter(~asked_for)["stance"])


def test_draws_are_the_same_in_any_chunks(tmp_path: Path) -> None:
    tables = []
    for chunk_rows in (7, 2_000):
        folder = tmp_path / str(chunk_rows)
        folder.mkdir()
        files_of(folder, chunk_rows)
        tables.append(pl.read_parquet(folder / "draws.parquet"))
    assert tables[0].equals(tables[1])


@pytest.mark.parametrize("name", ["contracts.csv", "out.csv", "out.csv.quarantine.csv"])
def test_draws_overwrite_nothing_that_is_read_or_written_beside_them(tmp_path: Path, name: str) -> None:
    write_mapping(tmp_path)
    write_csv(tmp_path / "contracts.csv", [ordinary(1)])
    before = (tmp_path / "contracts.csv").read_bytes()
    done = score(tmp_path, "--out", tmp_path / "out.csv", "--draws", tmp_path / name)
    assert (done.returncode, "--draws" in done.stderr) == (64, True)
    assert (tmp_path / "contracts.csv").read_bytes() == before
