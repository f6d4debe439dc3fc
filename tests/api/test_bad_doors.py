"""Every bad request at every door gets its exact status, code and place; every stranger the same refusal."""

import pytest

from engine.policy import ROLES_THAT_OFFER
from ledger.keys import KEY_ROLES
from tests.api.bad_doors import DOORS, FAMILIES, Door
from tests.api.bad_inputs import JSON, Bad
from tests.api.calls import problem
from tests.api.world import Operator

CELLS = [pytest.param(door, family, id=f"{door.path} {family}") for door in DOORS for family in FAMILIES]
BAD_KEYS = (
    "",
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Basic eDp5",
    "bearer co_000000000000_" + "A" * 43,
    "Bearer co_000000000000_" + "A" * 42,
    "Bearer co_" + "é" * 12 + "_" + "A" * 43,
    "Bearer " + "A" * 5_000,
    "Bearer null",
    "Bearer co_000000000000_" + "A" * 43 + ", Bearer x",
    "Token x",
)


@pytest.fixture(scope="module")
def asker(shared_operator: Operator) -> Operator:
    return shared_operator


def faults_of(asker: Operator, door: Door, bad: Bad) -> str:
    """What is not as it must be in the answer to one bad request; nothing where all is."""
    headers = {"Content-Type": JSON, "Idempotency-Key": "k", **asker.headers(door.role), **bad.headers}
    answer = asker.client.post(door.path, data=bad.body, headers=headers)
    told = answer.get_json(force=True)
    found = [(error["pointer"], error["code"]) for error in told["errors"]]
    right = (
        (answer.status_code, answer.content_type) == (bad.status, "application/problem+json")
        and (bad.pointer, bad.code) in found
        and all(len(error["detail"]) < 1_000 for error in told["errors"])
        and b"Traceback" not in answer.data
        and b"<" not in answer.data
    )
    return "" if right else f"{bad.title}: {answer.status_code} {found[:3]}"


@pytest.mark.parametrize(("door", "family"), CELLS)
def test_a_bad_body_is_named_exactly(asker: Operator, door: Door, family: str) -> None:
    cases = list(FAMILIES[family](door))
    assert not cases or len(cases) >= 10
    assert [fault for bad in cases if (fault := faults_of(asker, door, bad))] == []


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
def test_the_good_body_has_no_flaw(asker: Operator, door: Door) -> None:
    headers = {"Idempotency-Key": "good", **asker.headers(door.role)}
    assert problem(asker.client.post(door.path, json=door.good, headers=headers)) == (404, "not-found")


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_key_that_is_none_gets_the_same_refusal_everywhere(asker: Operator, door: Door, key: str) -> None:
    answer = asker.client.post(door.path, json=door.good, headers={"Authorization": key, "Idempotency-Key": "k"})
    assert problem(answer) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="counteroffer"'


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
@pytest.mark.parametrize("role", KEY_ROLES)
def test_a_door_opens_to_its_roles_only(asker: Operator, door: Door, role: str) -> None:
    allowed = ROLES_THAT_OFFER if door.role == "agent" else (door.role,)
    headers = {"Idempotency-Key": f"as {role}".replace(" ", "-"), **asker.headers(role)}
    expected = (404, "not-found") if role in allowed else (403, "not-allowed")
    assert problem(asker.client.post(door.path, json=door.good, headers=headers)) == expected
