"""A learned response in a release: one row as in a batch, who is left out of it, and what damaged ones are refused."""

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.errors import Faults
from engine.tables import MICRO, MOST_TASTE_MICRO, STATED, Cases
from models.churn import WrongSchema
from models.features import take_rows
from models.response import BOUND, LearnedResponse, from_arrays, to_arrays
from models.scorer import score, score_or_degrade
from models.store import (
    Release,
    golden_responses,
    golden_rows,
    load_release,
    model_bytes,
    response_bytes,
    write_release,
)
from tests.models.learned import random_customers
from tests.models.reacting import CHURN, TERMS, random_learned

TODAY = datetime.date(2026, 11, 22)
LEARNED = random_learned(2)
CUSTOMERS = random_customers(CHURN, 60, 3)
GOLDEN = golden_rows(CHURN, random_customers(CHURN, 60, 3, odd=(np.nan, 0.0, 1e308)))
RELEASE = Release("test-1", 6, CHURN, {}, LEARNED)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def cases(rows: int, **columns: list[Any]) -> Cases:
    needed = {"contract_id": [f"c{row}" for row in range(rows)], "price_cents": [1790] * rows}
    return Cases({name: np.array(c) for name, c in {**needed, "cost_to_serve_cents": [400] * rows, **columns}.items()})


def written(folder: Path, response: bytes, told: str) -> Path:
    """A release whose signature is sound, whatever its response holds."""
    files = {"model.joblib": model_bytes(CHURN), "response.joblib": response, "card.json": b"{}", "card.html": b"<p>"}
    manifest = {"window_months": 6, "golden": GOLDEN, "golden_responses_sha256": told}
    return write_release(folder, "test", files, manifest, KEY)


def refusal(directory: Path) -> str:
    with pytest.raises(Faults) as caught:
        load_release(directory, KEY.public_key())
    [fault] = caught.value.faults
    return fault.code


def plain_bytes(plain: object, tmp_path: Path) -> bytes:
    joblib.dump(plain, tmp_path / "plain")
    return (tmp_path / "plain").read_bytes()


@pytest.mark.parametrize("points", [1, 2, 4])
def test_a_customer_alone_reacts_as_in_a_batch_in_any_order(points: int) -> None:
    learned = random_learned(7, points)
    together = learned.responses(CUSTOMERS)
    assert learned.responses(take_rows(CUSTOMERS, slice(None, None, -1)))[::-1] == together
    assert [learned.responses(take_rows(CUSTOMERS, slice(row, row + 1)))[0] for row in range(60)] == together
    assert len(set(together)) > 50


def test_shares_add_up_to_a_million_and_what_counts_keeps_its_sign_and_its_bounds() -> None:
    wild = replace(LEARNED, table=LEARNED.table * 1_000)
    for response in (*LEARNED.responses(CUSTOMERS), *wild.responses(CUSTOMERS)):
        assert sum(response.share_micro) == MICRO
        assert min(response.share_micro) >= 0
        everything = [*response.terms_micro, *(weight for point in response.weights_micro for weight in point)]
        assert 0 < min(everything) <= max(everything) <= MOST_TASTE_MICRO
        assert max(map(abs, (*response.willing_micro, response.woken_micro))) <= 30 * MICRO
        assert response.term_names == TERMS


def test_a_term_counts_beside_its_taste_what_was_learned_of_it_and_no_more() -> None:
    """The taste is in the weight, so a term's own multiplier holds only what sets it apart, whatever the taste."""
    response = random_learned(5, points=1)
    without = replace(response, table=np.zeros_like(response.table), weights=np.zeros_like(response.weights))
    [told] = without.responses(take_rows(CUSTOMERS, slice(0, 1)))
    of_taste, terms = (np.log(np.array(column) / MICRO) for column in (told.weights_micro[0], told.terms_micro))
    learned = without.intercept[-len(TERMS) :] * 2.0**-40
    felt = of_taste[without.taste_of] + terms
    assert np.abs(felt - BOUND * np.tanh(learned / BOUND)).max() < 1e-5


def test_who_objects_is_as_the_priors_state_and_no_feature_of_theirs_is_read() -> None:
    objects = [row % 3 == 0 for row in range(60)]
    unread = {name: column.copy() for name, column in CUSTOMERS.items()}
    for column in unread.values():
        column[::3] = np.nan if column.dtype.kind == "f" else "an unread text"
    told = [
        score(RELEASE, cases(60, objects_to_profiling=objects), columns, TODAY).responses.tolist()
        for columns in (CUSTOMERS, unread)
    ]
    assert told[0] == told[1]
    assert [response is STATED for response in told[0]] == objects


def test_without_the_features_it_was_learned_from_or_without_a_release_all_is_as_stated() -> None:
    fewer = {name: column for name, column in CUSTOMERS.items() if name != "n0"}
    for release, columns in ((RELEASE, fewer), (replace(RELEASE, response=None), CUSTOMERS), (None, {})):
        assert score(release, cases(60), columns, TODAY).responses.tolist() == [STATED] * 60
    broken = random_customers(CHURN, 1, 1) | {"n0": np.array(["a text"], dtype=object)}
    assert score_or_degrade(RELEASE, cases(1), broken, TODAY).scores.responses.tolist() == [STATED]


def test_of_whom_something_was_learned_the_stated_tastes_are_not_counted_as_well() -> None:
    talkers = cases(60, sms_per_month=[900] * 60)
    assert (score(RELEASE, talkers, CUSTOMERS, TODAY).tastes_micro == MICRO).all()
    assert (score(replace(RELEASE, response=None), talkers, CUSTOMERS, TODAY).tastes_micro != MICRO).any()


def test_a_release_holds_it_and_gives_it_back_to_the_bit(tmp_path: Path) -> None:
    release = load_release(
        written(tmp_path, response_bytes(LEARNED), golden_responses(LEARNED, GOLDEN)), KEY.public_key()
    )
    assert release.response is not None
    assert release.response.responses(CUSTOMERS) == LEARNED.responses(CUSTOMERS)
    assert response_bytes(release.response) == response_bytes(LEARNED)


def test_three_hundred_flipped_bits_a_cut_and_an_added_byte_are_refused(tmp_path: Path) -> None:
    directory = written(tmp_path, response_bytes(LEARNED), golden_responses(LEARNED, GOLDEN))
    file = directory / "response.joblib"
    sound, rng, codes = file.read_bytes(), np.random.default_rng(3), set()
    for position in rng.choice(len(sound) * 8, 300, replace=False):
        broken = bytearray(sound)
        broken[position // 8] ^= 1 << (position % 8)
        file.write_bytes(broken)
        codes.add(refusal(directory))
    assert codes == {"artefact-digest-mismatch"}
    for other in (sound[:-1], sound + b"\0", b""):
        file.write_bytes(other)
        assert refusal(directory) == "artefact-wrong-size"
    file.unlink()
    assert refusal(directory).startswith("artefact-")


def test_a_response_that_no_longer_reacts_as_it_did_is_refused(tmp_path: Path) -> None:
    table = LEARNED.table.copy()
    table += 2**24
    other = response_bytes(replace(LEARNED, table=table))
    assert refusal(written(tmp_path, other, golden_responses(LEARNED, GOLDEN))) == "artefact-golden-rows"


WRONG: dict[str, dict[str, Any]] = {
    "a table of too few outputs": {"table": LEARNED.table[:, :-1]},
    "a table of too few codes": {"table": LEARNED.table[:-1]},
    "an intercept that is a number": {"intercept": np.array(3)},
    "a point too many": {"willing": np.zeros(4)},
    "weights of too few tastes": {"weights": LEARNED.weights[:, :-1]},
    "a willingness that is no number": {"willing": np.array([0.0, np.nan, 0.0])},
    "a willingness without points": {"willing": np.array(0.0)},
    "no point at all": {
        "willing": np.zeros(0),
        "weights": LEARNED.weights[:0],
        "table": LEARNED.table[:, 3:],
        "intercept": LEARNED.intercept[3:],
    },
    "a weight without end": {"weights": LEARNED.weights * np.inf},
    "a term too many": {"term_names": [*TERMS, "top_down"]},
    "tastes of too few terms": {"taste_of": LEARNED.taste_of[:-1]},
    "a taste that does not exist": {"taste_of": LEARNED.taste_of + 7},
    "a taste before the first": {"taste_of": LEARNED.taste_of - 1},
    "places beyond the table": {"offset": LEARNED.offset + 1},
    "places before the table": {"offset": LEARNED.offset - 1},
    "too few places": {"offset": LEARNED.offset[:-1]},
    "a table of texts": {"table": np.full(LEARNED.table.shape, "x")},
    "a feature of no kind": {"features": [{"name": "n0"}]},
    "no table": {"table": None},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_response_whose_parts_do_not_fit_is_refused_before_it_is_used(wrong: str, tmp_path: Path) -> None:
    plain = {**to_arrays(LEARNED), **WRONG[wrong]}
    with pytest.raises(WrongSchema):
        from_arrays(plain)
    assert refusal(written(tmp_path, plain_bytes(plain, tmp_path), "")) == "artefact-wrong-schema"


@pytest.mark.parametrize("plain", [None, [], "a text", {}])
def test_what_is_no_response_at_all_is_refused(plain: object, tmp_path: Path) -> None:
    assert refusal(written(tmp_path, plain_bytes(plain, tmp_path), "")) == "artefact-wrong-schema"


def test_plain_values_give_the_same_model_again() -> None:
    again = from_arrays(to_arrays(LEARNED))
    assert isinstance(again, LearnedResponse)
    assert again.responses(CUSTOMERS) == LEARNED.responses(CUSTOMERS)
