"""Whoever asks however often, over whatever channel and for whatever reason, gets the one decision of the day."""

import itertools

import pytest

from engine.fields import CHANNELS, REASONS_FOR_CONTACT
from ledger import writer
from ledger.store import writing
from ledger.tables import decisions, proposals
from tests.api.calls import Call
from tests.api.orders import rows_of
from tests.api.world import Operator


@pytest.mark.parametrize("times", [60, pytest.param(1_000, marks=pytest.mark.long)])
def test_asking_again_and_again_brings_one_decision(each_operator: Operator, times: int) -> None:
    with writing(each_operator.service.store) as connection:
        each_operator.keys["another"] = writer.create_key(connection, "agent-2", "agent")
    every_way = itertools.product(("agent", "another", "supervisor", "manager"), CHANNELS, REASONS_FOR_CONTACT)
    unlawful = ("phone_out", "port_requested")  # FR-PORT: such a call is judged anew each time
    ways = itertools.cycle([way for way in every_way if way[1:] != unlawful])
    answers = set()
    for role, channel, reason in itertools.islice(ways, times):
        answers.add(str(Call(each_operator, role, channel=channel).ask(reason_for_contact=reason)))
    assert len(answers) == 1
    assert len(rows_of(each_operator.service.store, decisions)) == 1
    assert len(rows_of(each_operator.service.store, proposals)) == 1
