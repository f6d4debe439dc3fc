"""POST /offer from a key to an answer."""

from tests.api.world import ASKED, Operator


def test_an_agent_gets_an_answer(operator: Operator) -> None:
    answer = operator.client.post("/offer", json=ASKED, headers=operator.headers())
    assert answer.status_code == 200
    assert answer.json["contract_id"] == "C-1"
