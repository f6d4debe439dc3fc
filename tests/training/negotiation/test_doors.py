"""The measure talks as the product does: the same refusals over HTTP bring the same steps."""

import datetime
from pathlib import Path

import numpy as np

from engine.rulebook import Rulebook
from engine.tables import Cases
from ledger import writer
from ledger.records import time_text
from ledger.store import migrate, open_store, writing
from tests.api.calls import Call
from tests.api.world import Operator, make_operator
from training.negotiation.book import Book
from training.negotiation.comparing import Played
from training.negotiation.talking import Talk

TALKS = 20
TERMS = ("offer_id", "device", "top_up_cents", "commitment_months", "discount_cents", "discount_months", "extras")


def operator_of(book: Book, rulebook: Rulebook, folder: Path) -> Operator:
    noon = datetime.datetime.combine(book.today, datetime.time(12), datetime.UTC)
    store = open_store(f"sqlite:///{folder}/store.db")
    migrate(store)
    with writing(store) as connection:
        source = writer.Source("m" * 64, book.today, [], time_text(noon - datetime.timedelta(days=1)))
        consented = np.full(book.cases.rows, np.datetime64(book.today))  # one of the markets' days is a holiday
        writer.save_contracts(connection, Cases({**book.cases, "calls_consented_on": consented}), {}, source)
    return make_operator(store, rulebook).with_service(clock=lambda: noon)


def said_over_http(call: Call, talk: Talk, reason: str) -> list[list[dict[str, object]]]:
    """What lies on the table, step by step, when the refusals of a talk are told over HTTP."""
    answer, tables = call.ask(reason_for_contact=reason), []
    for step in range(len(talk.tables)):
        shown = [place for place, offer in enumerate(answer["offers"]) if not offer["needs_approval"]]
        tables.append([{name: answer["offers"][place][name] for name in TERMS} for place in shown])
        if step == len(talk.named):
            break
        for place in shown:
            assert call.show(answer, place).status_code == 200
        named = talk.named[step]
        place = next(place for place in shown if answer["offers"][place]["offer_id"] == named.offer["offer_id"])
        wants = {name.removeprefix("wants_"): value for name, value in named.wants.items()}
        response = call.decline(answer, named.reason, place, **({"wants": wants} if wants else {}))
        assert response.status_code == 200, response.data
        answer = response.get_json()
    return tables


def test_the_doors_give_the_same_steps(book: Book, shipped: Rulebook, played: Played, tmp_path: Path) -> None:
    operator, cases = operator_of(book, shipped, tmp_path), book.cases
    talks = played.outcomes[-1].talks
    longest = sorted(talks, key=lambda row: -len(talks[row].tables))[:TALKS]
    assert sum(len(talks[row].tables) > 1 for row in longest) >= TALKS / 2
    for row in longest:
        call = Call(operator, contract_id=cases["contract_id"][row], channel=cases["channel"][row])
        over_http = said_over_http(call, talks[row], cases["reason_for_contact"][row])
        assert over_http == [[{name: offer[name] for name in TERMS} for offer in table] for table in talks[row].tables]
