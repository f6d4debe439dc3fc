"""A key that is revoked after it was read and before anything is written: nothing is written, at any door."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from ledger import writer
from ledger.store import open_store, writing
from tests.api.calls import Call, problem
from tests.api.doors import DOORS, Door
from tests.api.test_what_if import everything
from tests.api.world import Operator

READ_ONLY = ("/what-if", "/docs/<path:path>")
DOORS_THAT_WRITE = [door for door in DOORS if door.objects != ("-",) and door.route not in READ_ONLY]


def just_before_the_first_write(store: Engine, act: Callable[[], object]) -> None:
    """Let something happen between what the next request reads and the transaction in which it writes."""
    waiting = [act]

    def is_about_to_write(_connection: Connection, options: dict[str, Any]) -> None:
        if options.get("writes") and waiting:
            waiting.pop()()

    event.listen(store, "set_connection_execution_options", is_about_to_write)


@pytest.mark.parametrize("door", DOORS_THAT_WRITE, ids=lambda door: door.route)
def test_who_loses_the_key_on_the_way_writes_nothing(each_operator: Operator, door: Door) -> None:
    store, role = each_operator.service.store, "manager" if "manager" in door.opens else "order_system"
    request, call = door.ask(Call(each_operator, "manager")), Call(each_operator, role)
    beside, before = open_store(str(store.url)), everything(each_operator)

    def revoke() -> None:
        with writing(beside) as connection:
            assert writer.revoke_key(connection, each_operator.keys[role].split("_")[1])
        before.update(everything(each_operator))

    just_before_the_first_write(store, revoke)
    answer = (
        call.get(request.address)
        if door.method == "GET"
        else call.post(request.address, request.body, **{"Idempotency-Key": "on-its-way"})
    )
    assert problem(answer) == (401, "unauthenticated")
    assert everything(each_operator) == before
    beside.dispose()
