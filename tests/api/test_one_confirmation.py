"""Many at once: one order leaves, one withdrawal is written, and the phone is counted once."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from tests.api.calls import problem
from tests.api.orders import accepted, confirm, messages, taken, withdraw
from tests.api.world import Operator

AT_ONCE = 8
ROUNDS = 5


def all_at_once(act: Callable[[int], TestResponse]) -> list[TestResponse]:
    """What everybody is answered who does the same at the same moment; who was told to come again does."""
    barrier, answers = threading.Barrier(AT_ONCE), [None] * AT_ONCE

    def one(number: int) -> None:
        barrier.wait()
        while (answer := act(number)).status_code == 503:
            assert answer.headers["Retry-After"]
        answers[number] = answer

    threads = [threading.Thread(target=one, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for answer in answers if answer is not None]


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_confirmed_by_many_at_once_one_order_leaves(each_operator: Operator, round_: int) -> None:
    acceptance = accepted(each_operator, "phone_out")
    answers = all_at_once(lambda number: confirm(each_operator, acceptance, key=f"k-{round_}-{number}"))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1
    assert len(messages(each_operator)) == 1


@pytest.mark.parametrize("same_key", [False, True])
def test_withdrawn_by_many_at_once_it_is_withdrawn_once(each_operator: Operator, same_key: bool) -> None:
    acceptance = accepted(each_operator)
    answers = all_at_once(
        lambda number: withdraw(each_operator, acceptance, "customer", key="k" if same_key else f"k-{number}")
    )
    told = Counter(answer.status_code for answer in answers)
    assert told == ({200: AT_ONCE} if same_key else {200: 1, 409: AT_ONCE - 1})
    assert [message["type"] for message in messages(each_operator)] == ["order.accepted", "order.withdrawn"]
    assert taken(each_operator) == 0


def test_confirmed_and_withdrawn_at_once_one_of_them_comes_first(each_operator: Operator) -> None:
    acceptance = accepted(each_operator, "phone_out")

    def either(number: int) -> TestResponse:
        if number % 2:
            return confirm(each_operator, acceptance)
        return withdraw(each_operator, acceptance, "operator")

    refusals = {problem(answer) for answer in all_at_once(either) if answer.status_code != 200}
    left = [message["type"] for message in messages(each_operator)]
    assert (left, refusals, taken(each_operator)) in (
        (["order.accepted"], {(409, "already-accepted")}, 1),
        ([], {(409, "withdrawn")}, 0),
    )
