"""Who may ask: family 9 of bad input, and every role at every door."""

import pytest

from engine.fields import ROLES
from ledger import writer
from ledger.store import writing
from tests.api.world import ASKED, Operator

OPEN_DOORS = ("/live", "/ready", "/openapi.json", "/docs")
MAY_OFFER = {"agent": 200, "supervisor": 200, "manager": 200, "auditor": 403}


def wrong_credentials(operator: Operator) -> dict[str, dict[str, str]]:
    key = operator.keys["agent"]
    prefix = key.split("_")[1]
    return {
        "no header": {},
        "an empty header": {"Authorization": ""},
        "the key alone": {"Authorization": key},
        "Basic": {"Authorization": f"Basic {key}"},
        "no key": {"Authorization": "Bearer "},
        "a wrong key": {"Authorization": f"Bearer co_{'a' * 12}_{'b' * 43}"},
        "the right prefix, another secret": {"Authorization": f"Bearer co_{prefix}_{'b' * 43}"},
        "the last letter changed": {"Authorization": f"Bearer {key[:-1]}{'a' if key[-1] != 'a' else 'b'}"},
        "cut short": {"Authorization": f"Bearer {key[:-1]}"},
        "one letter more": {"Authorization": f"Bearer {key}a"},
        "two keys": {"Authorization": f"Bearer {key},Bearer {key}"},
        "in capitals": {"Authorization": f"Bearer {key.upper()}"},
        "the digest": {"Authorization": f"Bearer {'0' * 64}"},
        "SQL": {"Authorization": "Bearer ' OR 1=1 --"},
        "not ASCII": {"Authorization": "Bearer clé"},
        "another header": {"X-Api-Key": key},
    }


def test_every_wrong_key_gets_the_same_answer(operator: Operator) -> None:
    with writing(operator.service.store) as connection:
        revoked = writer.create_key(connection, "gone", "manager")
        assert writer.revoke_key(connection, revoked.split("_")[1])
    wrong = {**wrong_credentials(operator), "revoked": {"Authorization": f"Bearer {revoked}"}}
    bodies = set()
    for title, headers in wrong.items():
        answer = operator.client.post("/offer", json=ASKED, headers=headers)
        problem = answer.get_json(force=True)
        problem.pop("instance")
        bodies.add(str(problem))
        assert (title, answer.status_code, problem["type"]) == (title, 401, "/problems/unauthenticated")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="counteroffer"'
    assert len(bodies) == 1


def test_a_key_in_the_address_opens_nothing(operator: Operator) -> None:
    for name in ("key", "api_key", "access_token", "Authorization"):
        answer = operator.client.post(f"/offer?{name}={operator.keys['agent']}", json=ASKED)
        assert answer.status_code == 401


def test_without_a_key_a_bad_body_is_not_even_read(operator: Operator) -> None:
    assert operator.client.post("/offer", data=b"{", content_type="application/json").status_code == 401


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_it_may_do(operator: Operator, role: str) -> None:
    answer = operator.client.post("/offer", json=ASKED, headers=operator.headers(role))
    assert answer.status_code == MAY_OFFER[role]
    if answer.status_code == 403:
        assert answer.get_json(force=True)["type"] == "/problems/not-allowed"
    for door in OPEN_DOORS:
        assert operator.client.get(door, headers=operator.headers(role)).status_code == 200


@pytest.mark.parametrize("door", OPEN_DOORS)
def test_health_and_description_need_no_key(operator: Operator, door: str) -> None:
    assert operator.client.get(door).status_code == 200


def test_a_role_that_may_not_ask_learns_nothing_about_contracts(operator: Operator) -> None:
    for contract_id in ("C-1", "C-9"):
        answer = operator.client.post(
            "/offer", json={**ASKED, "contract_id": contract_id}, headers=operator.headers("auditor")
        )
        assert answer.status_code == 403
