"""HTTP used wrongly (family 11), and what every answer carries."""

import pytest

from api.app import HEADERS
from tests.api.world import Operator

MISUSES = [
    ("GET", "/offer", {}, 405, "method-not-allowed"),
    ("PUT", "/offer", {}, 405, "method-not-allowed"),
    ("DELETE", "/offer", {}, 405, "method-not-allowed"),
    ("PATCH", "/offer", {}, 405, "method-not-allowed"),
    ("TRACE", "/offer", {}, 405, "method-not-allowed"),
    ("OPTIONS", "/offer", {}, 405, "method-not-allowed"),
    ("OPTIONS", "/live", {}, 405, "method-not-allowed"),
    ("BREW", "/offer", {}, 405, "method-not-allowed"),
    ("POST", "/live", {}, 405, "method-not-allowed"),
    ("POST", "/ready", {}, 405, "method-not-allowed"),
    ("POST", "/openapi.json", {}, 405, "method-not-allowed"),
    ("POST", "/docs/", {}, 405, "method-not-allowed"),
    ("POST", "/offers", {}, 404, "not-found"),
    ("POST", "/offer/", {}, 401, "unauthenticated"),
    ("GET", "/", {}, 404, "not-found"),
    ("GET", "/metrics", {}, 404, "not-found"),
    ("GET", "/console", {}, 404, "not-found"),
    ("GET", "/docs/../../etc/passwd", {}, 404, "not-found"),
    ("GET", "/docs/%2e%2e/%2e%2e/etc/passwd", {}, 404, "not-found"),
    ("GET", "/static/x", {}, 404, "not-found"),
    ("GET", "/live", {"Accept": "text/html"}, 406, "not-acceptable"),
    ("GET", "/live", {"Accept": "application/json;q=0"}, 406, "not-acceptable"),
    ("POST", "/offer", {"Accept": "application/xml"}, 406, "not-acceptable"),
    ("GET", "/live", {"Host": "evil.example"}, 400, "bad-host"),
    ("GET", "/live", {"Host": "localhost.evil.example"}, 400, "bad-host"),
    ("GET", "/live", {"Host": "localhost:8000@evil.example"}, 400, "bad-host"),
    ("GET", "/live", {"Host": "localhost, localhost"}, 400, "bad-host"),
    ("GET", "/live", {"Host": "local host"}, 400, "bad-host"),
    ("GET", "/live", {"Host": "localhost:123456"}, 400, "bad-host"),
    ("GET", "/nothing", {"Host": "evil.example"}, 400, "bad-host"),
]
CONTENT_TYPES = (
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/problem+json",
    "application/jsonp",
    "application/xml",
    "application/json, application/json",
    "json",
    "*/*",
)


@pytest.mark.parametrize(("method", "path", "headers", "status", "code"), MISUSES)
def test_misuse_is_named(
    shared_operator: Operator, method: str, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = shared_operator.client.open(path, method=method, headers=headers)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.get_json(force=True)["type"] == f"/problems/{code}"
    assert ("Allow" in answer.headers) == (status == 405)
    assert b"<" not in answer.data


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_only_json_is_read(shared_operator: Operator, content_type: str) -> None:
    headers = {**shared_operator.headers(), "Content-Type": content_type}
    answer = shared_operator.client.post("/offer", data=b'{"contract_id": "C-1", "channel": "web"}', headers=headers)
    assert (answer.status_code, answer.get_json(force=True)["type"]) == (415, "/problems/unsupported-media-type")


def test_a_body_without_a_type_is_not_read(shared_operator: Operator) -> None:
    assert shared_operator.client.post("/offer", data=b"{}", headers=shared_operator.headers()).status_code == 415


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"]
)
def test_json_is_read_however_it_is_spelt(shared_operator: Operator, content_type: str) -> None:
    headers = {**shared_operator.headers(), "Content-Type": content_type}
    answer = shared_operator.client.post("/offer", data=b'{"contract_id": "C-1", "channel": "web"}', headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "application/*", "text/html, application/json;q=0.5", "text/html, */*;q=0.1"]
)
def test_who_accepts_json_is_served(shared_operator: Operator, accept: str) -> None:
    assert shared_operator.client.get("/live", headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_our_hosts_are_served(shared_operator: Operator, host: str) -> None:
    assert shared_operator.client.get("/live", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/live", "/ready", "/openapi.json", "/nothing", "/docs/", "/offer"])
def test_every_answer_carries_the_security_headers(shared_operator: Operator, path: str) -> None:
    answer = shared_operator.client.get(path)
    expected = set(HEADERS.items()) - {("Content-Security-Policy", HEADERS["Content-Security-Policy"])}
    assert expected <= set(answer.headers.items())
    assert "'none'" in answer.headers["Content-Security-Policy"]
    assert len(answer.headers["X-Request-Id"]) == 36


def test_a_problem_names_the_request_of_its_header(shared_operator: Operator) -> None:
    answer = shared_operator.client.get("/nothing")
    assert answer.get_json(force=True)["instance"] == f"urn:uuid:{answer.headers['X-Request-Id']}"
