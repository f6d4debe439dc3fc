"""Learning how customers react: the slopes, what is planted is found, the same bytes, caution, and what is refused."""

import csv
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.markets import read_shelf
from engine.rulebook import InForce
from engine.tables import MICRO, TASTES, Response
from intake.contacts import Contacts
from models.response import MONEY_AND_TASTES, LearnedResponse
from models.store import model_bytes, response_bytes
from tests.commands.here import Said, call_here
from tests.training.planted_contacts import ELSEWHERE, NORTH, planted_contacts
from training.caution import MOST_CAUTION, Caution, Foretold, caution_of, lowered
from training.response import Learned, learn_response
from training.response.gains import Gains
from training.response.mixture import Mixture, Offered, loss

ROOT = Path(__file__).parents[2]
LITTLE, MUCH = -1.0, 1.0


@pytest.fixture(scope="module")
def in_force() -> InForce:
    return read_shelf().in_force


@pytest.fixture(scope="module")
def contacts(in_force: InForce) -> Contacts:
    return planted_contacts(1_500, 1, in_force)


@pytest.fixture(scope="module")
def learned(contacts: Contacts, in_force: InForce) -> Learned:
    return learn_response(contacts, in_force)


def reaction(learned: LearnedResponse, usage: float, region: str) -> Response:
    """How a customer of such facts reacts, as learned."""
    [told] = learned.responses({"usage": np.array([usage]), "region": np.array([region], dtype=object)})
    return told


def counts(response: Response, taste: str, term: str) -> float:
    """What a term counts for the mean of the points, as a multiple of what policy states."""
    line = 0 if taste == "money" else 1 + TASTES.index(taste)
    weights = [point[line] for point in response.weights_micro]
    mean = np.average(weights, weights=response.share_micro) / MICRO
    return float(mean * response.terms_micro[response.term_names.index(term)] / MICRO)


def random_offers(rng: np.random.Generator) -> tuple[Mixture, Offered]:
    """Parameters and offers of three points, five terms of three tastes and four columns."""
    n, points, terms, width = 60, 3, 5, 4
    gains = Gains(tuple("abcde"), np.array([0, 0, 1, 2, 2]), rng.normal(0, 0.4, (n, terms)), rng.normal(0, 0.3, terms))
    shapes = [(points,), (points, MONEY_AND_TASTES), (width,), (width, MONEY_AND_TASTES)]
    shapes += [(terms,), (width, terms), (points - 1,), (width, points - 1)]
    accepted, weight = (rng.random(n) < 0.4).astype(float), rng.uniform(0.1, 1, n)
    of_fact = np.array([0, 0, 1, 2])
    offered = Offered(rng.normal(0, 1, (n, width)), gains, rng.normal(-1, 1, n), accepted, weight, of_fact)
    return Mixture(*(rng.normal(0, 0.4, shape) for shape in shapes)), offered


@pytest.mark.parametrize("seed", range(3))
def test_the_slopes_of_the_loss_are_its_finite_differences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mixture, offered = random_offers(rng)
    flat, step = mixture.flat(), 1e-5
    ridges = rng.uniform(0, 2, len(flat))
    _, slopes = loss(flat, offered, mixture, ridges)
    around = [
        [loss(flat + sign * step * (np.arange(len(flat)) == place), offered, mixture, ridges)[0] for sign in (1, -1)]
        for place in range(len(flat))
    ]
    differences = np.array([(above - below) / (2 * step) for above, below in around])
    assert np.abs(slopes - differences).max() < 1e-6


def test_a_discount_counts_more_where_it_was_planted_to(learned: Learned) -> None:
    for usage in (LITTLE, MUCH):
        north, elsewhere = (reaction(learned.response, usage, region) for region in (NORTH, ELSEWHERE))
        assert counts(north, "money", "discount") > 1.5 * counts(elsewhere, "money", "discount") > 0


def test_commitment_hurts_more_whom_it_was_planted_to_hurt(learned: Learned) -> None:
    for region in (NORTH, ELSEWHERE):
        little, much = (reaction(learned.response, usage, region) for usage in (LITTLE, MUCH))
        for term in ("commitment_first_year", "commitment_later"):
            assert counts(little, "commitment", term) > 1.2 * counts(much, "commitment", term) > 0


def test_the_liked_device_counts_more_than_the_other(learned: Learned, in_force: InForce) -> None:
    liked, other = in_force.catalogue.goods.device_ids[:2]
    told = reaction(learned.response, MUCH, NORTH)
    assert counts(told, "device", f"device:{liked}") > counts(told, "device", f"device:{other}") > 0


def test_a_call_wakes_whom_it_was_planted_to_wake(learned: Learned) -> None:
    little, much = (reaction(learned.response, usage, ELSEWHERE).woken_micro / MICRO for usage in (LITTLE, MUCH))
    assert little > 1.0
    assert little - much > 1.0


def test_the_same_contacts_teach_the_same_bytes(contacts: Contacts, in_force: InForce, learned: Learned) -> None:
    again = learn_response(contacts, in_force)
    assert response_bytes(again.response) == response_bytes(learned.response)
    assert model_bytes(again.churn) == model_bytes(learned.churn)


def test_a_churn_model_that_is_given_stays_and_what_a_call_wakes_is_counted_from_it(
    contacts: Contacts, in_force: InForce, learned: Learned
) -> None:
    """One that says too much of everybody, called or not, changes nothing of what a call wakes."""
    given = learn_response(contacts, in_force, learned.churn)
    assert given.churn is learned.churn
    more = replace(learned.churn, intercept=learned.churn.intercept + 2**48)
    shifted = learn_response(contacts, in_force, more)
    assert np.abs(more.logit(contacts.features) - learned.churn.logit(contacts.features) - 1.0).max() < 0.01
    for usage in (LITTLE, MUCH):
        one, other = (reaction(each.response, usage, NORTH).woken_micro for each in (given, shifted))
        assert one == pytest.approx(other, abs=20_000)


def foretold(odds_off: float, rows: int = 4_000) -> Foretold:
    """Offers each foretold at the true log-odds and an error of so many, worth the more the likelier they look."""
    rng = np.random.default_rng(1)
    truth = -1.4 + rng.normal(0, 0.3, rows)
    accepts = 1 / (1 + np.exp(-truth - rng.normal(0, odds_off, rows)))
    accepted = rng.random(rows) < 1 / (1 + np.exp(-truth))
    return Foretold(100 * (accepts - 0.25), accepts, np.full(rows, 0.1), accepted, ~accepted & (rng.random(rows) < 0.1))


def test_where_nothing_looks_worth_making_caution_depends_on_nothing_that_came() -> None:
    """Without an offer to tell there is at most the doubt that nothing is known, and none about who is woken."""
    worthless = replace(foretold(1.0), worth_cents=np.full(4_000, -1.0))
    otherwise = replace(worthless, accepted=~worthless.accepted, left=worthless.accepted, accepts=worthless.leaves)
    assert caution_of(worthless) == caution_of(otherwise)
    assert 0 <= caution_of(worthless).accepting <= 1.0
    assert caution_of(worthless).leaving == 0


def test_the_noisier_the_promises_the_more_caution_and_none_to_speak_of_where_they_hold() -> None:
    honest, noisy, noisier = (caution_of(foretold(error)).accepting for error in (0.0, 0.5, 1.0))
    assert honest < 0.2 < noisy < noisier < MOST_CAUTION
    assert caution_of(replace(foretold(0.0), left=np.ones(4_000, dtype=bool))).leaving > 0.5


def test_few_offers_ask_for_less_caution_than_many() -> None:
    every = foretold(1.0)
    few = Foretold(*(column[:120] for column in vars(every).values()))
    assert 0 < caution_of(few).accepting < caution_of(every).accepting


def test_caution_makes_everybody_less_willing_and_sooner_woken_and_nothing_else(learned: Learned) -> None:
    careful = lowered(learned, Caution(0.5, 0.25))
    before, after = (reaction(each.response, LITTLE, NORTH) for each in (learned, careful))
    less = np.subtract(before.willing_micro, after.willing_micro)
    assert np.abs(less - 500_000).max() <= 1
    assert after.woken_micro - before.woken_micro == pytest.approx(250_000, abs=1)
    assert replace(after, willing_micro=before.willing_micro, woken_micro=before.woken_micro) == before


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("market")
    done = call_here("simulate", "--out", ".", "--contracts", "2000", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def train(folder: Path, *arguments: str | Path) -> Said:
    """`counteroffer train` on the simulated market, with releases and keys of its own."""
    mapping = () if "--mapping" in arguments else ("--mapping", ROOT / "mappings/simulated.toml")
    options = ("--rulebook", ROOT / "rulebook", "--out", "releases", "--keys", "keys")
    return call_here("train", *arguments, *mapping, *options, folder=folder)


@pytest.mark.long
def test_contacts_alone_make_a_release_with_a_response(market: Path) -> None:
    done = train(market, "--contacts", "contacts.csv", "--json")
    assert done.returncode == 0, done.stderr
    release = market / json.loads(done.stdout)["release"]
    manifest = json.loads((release / "manifest.json").read_text())
    assert {"model.joblib", "response.joblib"} <= set(manifest["files"])
    rows = len((market / "contacts.csv").read_text("utf-8").splitlines()) - 1
    assert manifest["contacts"]["rows"] == rows


@pytest.mark.long
def test_a_history_beside_the_contacts_tells_who_leaves_and_contacts_change_no_byte_of_that(market: Path) -> None:
    rows = (market / "history.csv").read_text("utf-8").splitlines(keepends=True)
    (market / "part.csv").write_text("".join(rows[:2_001]), "utf-8")
    history = ("--data", "part.csv", "--shuffles", "1", "--json")
    releases = []
    for more in ((), ("--contacts", "contacts.csv"), ("--contacts", "contacts.csv")):
        done = train(market, *history, *more)
        assert done.returncode == 0, done.stderr
        releases.append(market / json.loads(done.stdout)["release"])
    alone, both, again = releases
    assert both == again
    assert (alone / "model.joblib").read_bytes() == (both / "model.joblib").read_bytes()
    assert not (alone / "response.joblib").exists()
    assert (both / "response.joblib").exists()


def test_contacts_that_somebody_chose_are_refused_with_the_reason(market: Path, tmp_path: Path) -> None:
    with (market / "contacts.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file, delimiter=";")
    group, price = header.index("groupe"), header.index("prix_mensuel_ttc")
    dear = [row for row in rows if row[group] != "temoin" or float(row[price].replace(",", ".")) < 20]
    with (tmp_path / "contacts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *dear])
    done = train(tmp_path, "--contacts", "contacts.csv")
    assert (done.returncode, done.stdout) == (os.EX_DATAERR, "")
    assert "not-randomised" in done.stderr
    assert "price_cents (fact) differs" in done.stderr
    assert not list(tmp_path.glob("releases/simulated-*"))


def test_contacts_that_a_mapping_calls_chosen_are_refused_before_they_are_read(market: Path, tmp_path: Path) -> None:
    mapping = (ROOT / "mappings/simulated.toml").read_text("utf-8")
    assert mapping.count('design = "randomised"') == 1
    (tmp_path / "chosen.toml").write_text(mapping.replace('design = "randomised"', 'design = "chosen"'), "utf-8")
    done = train(tmp_path, "--contacts", market / "contacts.csv", "--mapping", "chosen.toml")
    assert done.returncode == os.EX_DATAERR
    assert "not-randomised" in done.stderr
    assert "an agent or a rule chose who was offered what" in done.stderr
