"""The decisions of a store, made through the real doors under a control group, held against another rulebook."""

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from api.rulebooks import Rulebooks
from engine.rulebook import Rulebook, parse_rulebook
from ledger.promised import Period
from ledger.store import reading
from tests.commands.here import Said, call_here
from tests.training.value.desk import LEAVES, Customer, Desk, Way, open_desk, with_control
from training.evaluation.evaluate import Evaluated
from training.evaluation.on_record import DONE, JUDGED, OnRecord, evaluate_decisions, read_decisions

PERIOD = Period(datetime.date(2024, 1, 1), datetime.date(2024, 12, 31), datetime.date(2025, 6, 1))
HALF = with_control("0.5")
CUSTOMERS = 40


def customers() -> list[Customer]:
    rng = np.random.default_rng(3)
    ways = [Way(accepts=bool(rng.random() < 0.5)) if rng.random() < 0.7 else LEAVES for _ in range(CUSTOMERS)]
    prices = rng.choice([1_990, 2_490, 3_990], CUSTOMERS).tolist()
    unknown = Way(ended_on="")
    return [
        Customer(f"c{number}", price_cents=price, treated=way, control=LEAVES if number % 4 else way)
        for number, (price, way) in enumerate(zip(prices, ways, strict=True))
    ] + [Customer("untold", treated=unknown, control=unknown)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    url = f"sqlite:///{tmp_path_factory.mktemp('store')}/desk.db"
    known = customers()
    with open_desk(url, HALF, known, {}) as opened:
        for customer in known:
            opened.serve(customer)
        yield opened


def read(desk: Desk, rulebook: Rulebook) -> OnRecord:
    with reading(desk.operator.service.store) as connection:
        return read_decisions(connection, PERIOD, partial(Rulebooks().of, connection), (rulebook, None))


def test_the_same_rulebook_would_do_what_was_done_to_those_who_were_not_drawn(desk: Desk) -> None:
    found = read(desk, HALF)
    names = {decision: name for name, decision in desk.asked.items()}
    assert {names[one.decision_id] for one in found.followed} == {f"c{number}" for number in range(CUSTOMERS)}
    drawn = [one.arm == "control" for one in found.followed]
    assert 0 < sum(drawn) < CUSTOMERS
    for control, chance, done, chosen in zip(drawn, found.probability, found.done, found.chosen, strict=True):
        same = (done or {}).get("offer_id") == (chosen or {}).get("offer_id")
        assert same or control
        assert chance == (1.0 if control and same else 0.5 if same or control else chance)


def test_promised_is_the_value_of_what_the_kernel_would_offer(desk: Desk) -> None:
    found = read(desk, HALF)
    assert all(
        (promise != 0) == (offer is not None) for promise, offer in zip(found.promised, found.chosen, strict=True)
    )
    assert max(found.promised) > 0


def test_what_was_done_is_worth_the_mean_of_what_came(desk: Desk) -> None:
    found = read(desk, HALF)
    bigger = repeated(found, 12)
    told = evaluate_decisions(bigger)
    interval = told[DONE].figures["snips"].interval
    assert interval is not None
    assert interval.value == pytest.approx(np.mean([one.net_cents for one in found.followed]))
    same = [(done or {}).get("offer_id") == (new or {}).get("offer_id") for done, new in both(found)]
    weight = np.array(same) / np.array(found.probability)
    net = np.array([one.net_cents for one in found.followed])
    judged = told[JUDGED].figures["snips"]
    if judged.interval is not None:
        assert judged.interval.value == pytest.approx((weight * net).sum() / weight.sum())
    assert judged.matches == 12 * sum(same)


def both(found: OnRecord) -> list[tuple[dict | None, dict | None]]:
    return list(zip(found.done, found.chosen, strict=True))


def repeated(found: OnRecord, times: int) -> OnRecord:
    """The same decisions of so many times as many accounts."""
    followed = [replace(one, account=f"{one.account}-{copy}") for copy in range(times) for one in found.followed]
    return OnRecord(
        followed, found.probability * times, found.done * times, found.chosen * times, found.promised * times,
        found.customers * times,
    )  # fmt: skip


def test_a_few_decisions_are_refused(desk: Desk) -> None:
    told: dict[str, Evaluated] = evaluate_decisions(read(desk, HALF))
    for method in ("snips", "doubly_robust"):
        assert told[JUDGED].figures[method].interval is None
        assert "Only the model's figure is told" in told[JUDGED].figures[method].refusal
    assert told[JUDGED].figures["model"].interval is not None
    assert set(told[JUDGED].more) == {DONE}


def test_another_rulebook_does_what_the_store_never_drew(desk: Desk) -> None:
    texts = dict(HALF.texts)
    stingy = re.sub(r"(\[depth_cents_agent\]\n.*?value = )15_000", r"\g<1>500", texts["policy.toml"], flags=re.DOTALL)
    assert stingy != texts["policy.toml"]
    other = read(desk, parse_rulebook({**texts, "policy.toml": stingy}))
    told = evaluate_decisions(repeated(other, 30))[JUDGED]
    assert told.figures["snips"].matches == 0
    assert "Only the model's figure is told" in told.figures["snips"].refusal
    assert told.more[DONE]["doubly_robust"].interval is None
    assert told.more[DONE]["model"].interval is not None


def evaluate(*arguments: str) -> Said:
    return call_here("evaluate", *arguments)


@pytest.mark.long
def test_the_command_tells_the_decisions_of_the_store(desk: Desk) -> None:
    store = ("--since", "2024-01-01", "--rulebook", str(Path(__file__).parents[3] / "rulebook"), "--database", desk.url)
    done = evaluate(*store, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["rows"] == CUSTOMERS
    assert [one["policy"] for one in said["policies"]] == [JUDGED, DONE]
    assert evaluate(*store, "--until", "2024-02-01").returncode == 66
    assert evaluate("--rulebook", "rulebook").returncode == 64
