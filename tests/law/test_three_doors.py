"""The vectors of the law on offers and fees, each through the kernel, over the API and from a file."""

import csv
import datetime
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from batch.calls import with_calls
from engine.answers import write_answer
from engine.decide import decide
from engine.rulebook import Rulebook, parse_rulebook
from ledger import writer
from ledger.records import outcome_digest
from ledger.store import writing
from models.scorer import score as score_of
from tests.api.calls import Call, problem
from tests.api.world import ROOT, Operator, make_operator, make_store
from tests.batch.test_score_command import score
from tests.engine.questions import TODAY, asked, customers, shipped_texts, verdict
from tests.law.table import rules

Case = Mapping[str, Any]

OFFERS = tomllib.loads((ROOT / "tests/cases/law-offers.toml").read_text())["case"]
CONSENT = tomllib.loads((ROOT / "tests/cases/law-consent.toml").read_text())["case"]
LEAVING = tomllib.loads((ROOT / "tests/cases/law-leaving.toml").read_text())["case"]
CASES = [*OFFERS, *CONSENT, *LEAVING]
ORDINARY = {"p_churn": 0.4, "p_churn_window_months": 6, "price_cents": 2990, "channel": "phone_in"}
DATES = ("customer_since", "commitment_end", "contract_concluded_on", "terms_changed_on")
FLAGS = (
    *("objects_to_profiling", "over_indebted", "protected_adult"),
    *("device_subsidised", "renewed_automatically", "performance_gap"),
)
WHOLE = ("contract_months", "device_value_cents", "p_churn_window_months", "wants_max_commitment_months")
WISHED = ("wants_device", "wants_needs")
MAPPING = """
format = 1
name = "law"

[dialect]
separator = ","
decimal = "."
dates = "YYYY-MM-DD"

[facts]
contract_id = "contract_id"
price_cents = { column = "price_cents", unit = "cents incl. VAT" }
device_value_cents = { column = "device_value_cents", unit = "cents incl. VAT" }
cost_to_serve_cents = { column = "cost_to_serve_cents", unit = "cents net" }
p_churn = "p_churn"
p_churn_window_months = "p_churn_window_months"
contract_months = "contract_months"
wants_device = "wants_device"
wants_max_commitment_months = "wants_max_commitment_months"
wants_needs = "wants_needs"
channel = "channel"
"""


def titled(case: Case) -> str:
    return str(case["title"])


def texts_of(case: Case) -> dict[str, str]:
    texts = shipped_texts()
    market = ["policy.toml", 'value = "FR"', f'value = "{case.get("market", "FR")}"']
    for name, old, new in [market, *case.get("rulebook", [])]:
        assert texts[name].count(old) == 1, f"{name} holds {old!r} {texts[name].count(old)} times"
        texts[name] = texts[name].replace(old, new)
    return texts


def rulebook_of(case: Case) -> Rulebook:
    return parse_rulebook(texts_of(case))


def facts_of(case: Case) -> dict[str, Any]:
    price = {"price_cents": 3000} if "at_most_cents" in case else {}
    facts = {"contract_id": "C", "cost_to_serve_cents": 400, **ORDINARY, **price, **case.get("facts", {})}
    return {name: _as_fact(name, value) for name, value in facts.items()}


def _as_fact(name: str, value: Any) -> Any:
    if name in DATES:
        return np.datetime64(value)
    return tuple(value) if isinstance(value, list) else value


def day_of(case: Case) -> datetime.date:
    return case.get("today", TODAY)  # type: ignore[no-any-return]


def decided(case: Case) -> dict[str, Any]:
    """The answer of the kernel to a customer whose only score is the one on file."""
    rulebook, today = rulebook_of(case), day_of(case)
    cases = with_calls(customers(facts_of(case)), rulebook.as_of(today).law.market, today, None)
    return write_answer(decide(cases, score_of(None, cases, {}, today), rulebook, today), 0)


@pytest.mark.parametrize("case", OFFERS, ids=titled)
def test_the_kernel_refuses_what_the_law_refuses(case: Case) -> None:
    decisions = asked(rulebook_of(case), {**facts_of(case), "role": "manager"})
    assert (case["rule"] not in verdict(decisions, case["offer"])) == case["allowed"]


@pytest.mark.parametrize("case", CONSENT, ids=titled)
def test_the_kernel_says_which_offer_waits_for_express_consent(case: Case) -> None:
    assert decided(case)["offers"][0]["needs_express_consent"] != case["allowed"]


@pytest.mark.parametrize("case", LEAVING, ids=titled)
def test_the_kernel_says_what_leaving_costs(case: Case) -> None:
    said = decided(case)["leaving_now"]
    assert (said["at_most_cents"], said["rules"]) == (case["at_most_cents"], case["rules"])
    assert said["contract_terms"] == ("FR-EXIT-D" in case["rules"])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    return make_operator(make_store(tmp_path_factory.mktemp("law")), parse_rulebook(shipped_texts()))


def over_http(desk: Operator, case: Case) -> tuple[Operator, dict[str, Any]]:
    """The desk on the day and under the rulebook of a case, and its answer to a contract of its own."""
    noon = datetime.datetime.combine(day_of(case), datetime.time(12), datetime.UTC)
    then = desk.under(rulebook_of(case)).with_service(clock=lambda: noon)
    contract_id = f"C-{CASES.index(case)}"
    with writing(then.service.store) as connection:
        source = writer.Source("m" * 64, day_of(case))
        facts = {name: fact for name, fact in facts_of(case).items() if name != "channel"}
        writer.save_contracts(connection, customers({**facts, "contract_id": contract_id}), {}, source)
    body = {"contract_id": contract_id, "channel": facts_of(case)["channel"]}
    answer = then.client.post("/offer", json=body, headers=then.headers("manager"))
    assert answer.status_code == 200, answer.get_json()
    return then, answer.get_json()


@pytest.mark.parametrize("case", OFFERS, ids=titled)
def test_the_api_refuses_what_the_law_refuses(desk: Operator, case: Case) -> None:
    then, answer = over_http(desk, case)
    path = f"/decision/{answer['decision_id']}/why-not/{case['offer']}"
    told = then.client.get(path, headers=then.headers("manager")).get_json()
    found = {rule["id"]: (rule["status"], rule["unverified"]) for rule in told["rules"]}
    assert (case["rule"] not in found) == case["allowed"]
    entry = rules()[case["rule"]]
    assert case["allowed"] or found[case["rule"]] == (entry["status"], not entry["verified"])


@pytest.mark.parametrize("case", CONSENT, ids=titled)
def test_the_api_accepts_no_term_that_the_law_wants_agreed_to_before_it_was(desk: Operator, case: Case) -> None:
    then, answer = over_http(desk, case)
    call = Call(then, "manager")
    assert call.show(answer, read_back=False).status_code == 200
    accepted = call.accept(answer)
    assert accepted.status_code == (201 if case["allowed"] else 409), accepted.data
    assert case["allowed"] or problem(accepted) == (409, "not-read-back")


@pytest.mark.parametrize("case", LEAVING, ids=titled)
def test_the_api_says_what_leaving_costs(desk: Operator, case: Case) -> None:
    _, answer = over_http(desk, case)
    assert answer["leaving_now"] == decided(case)["leaving_now"]
    assert answer["leaving_now"]["at_most_cents"] == case["at_most_cents"]


def from_a_file(folder: Path, cases: list[Case]) -> dict[str, dict[str, Any]]:
    """The rows of `counteroffer score` for cases of one rulebook and one day, by their titles."""
    dates = "".join(f'{name} = "{name}"\n' for name in DATES)
    flags = "".join(f'{name} = {{ column = "{name}", yes = ["yes"], no = ["no"] }}\n' for name in FLAGS)
    (folder / "small.toml").write_text(MAPPING + dates + flags)
    names = ["contract_id", "price_cents", "cost_to_serve_cents", "p_churn", "channel", *WHOLE, *WISHED, *DATES, *FLAGS]
    with (folder / "contracts.csv").open("w", encoding="utf-8", newline="") as stream:
        writer_of_rows = csv.writer(stream)
        writer_of_rows.writerow(names)
        for number, case in enumerate(cases):
            facts = {**facts_of(case), "contract_id": f"C-{number}"}
            writer_of_rows.writerow([_as_exported(name, facts.get(name)) for name in names])
    for name, text in texts_of(cases[0]).items():
        (folder / "rulebook" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "rulebook" / name).write_text(text)
    options = ("--rulebook", folder / "rulebook", "--as-of", day_of(cases[0]).isoformat())
    done = score(folder, "--out", folder / "out.parquet", *options)
    assert done.returncode == 0, done.stderr
    rows = pl.read_parquet(folder / "out.parquet").sort("contract_id").iter_rows(named=True)
    found = {row["contract_id"]: row for row in rows}
    return {titled(case): found[f"C-{number}"] for number, case in enumerate(cases)}


def _as_exported(name: str, fact: Any) -> Any:
    if name in FLAGS:
        return "yes" if fact else "no"
    if isinstance(fact, tuple):
        return ";".join(fact)
    return "" if fact is None else fact


GROUPS: dict[str, list[Case]] = {}
for each in CASES:
    same = json.dumps([each.get("market"), each.get("rulebook"), day_of(each)], default=str)
    GROUPS.setdefault(same, []).append(each)


@pytest.mark.long
@pytest.mark.parametrize("cases", GROUPS.values(), ids=lambda cases: titled(cases[0]))
def test_a_file_is_answered_as_the_kernel_answers(tmp_path: Path, cases: list[Case]) -> None:
    for case, row in zip(cases, from_a_file(tmp_path, cases).values(), strict=True):
        kernel = decided(case)
        assert row["answer_sha256"] == outcome_digest(kernel), titled(case)
        if "at_most_cents" in case:
            assert row["leaving_now_cents"] == case["at_most_cents"]
