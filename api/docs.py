"""The description of the API: OpenAPI 3.1 at /openapi.json, and a page at /docs that needs no network."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from flask import Blueprint as FlaskBlueprint
from flask import Flask, Response
from flask_smorest import Api, Blueprint
from flask_swagger_ui import get_swaggerui_blueprint
from marshmallow import Schema

from api.errors import CODES, PROBLEM_JSON
from api.replies import ProblemDocument

View = TypeVar("View", bound=Callable[..., Any])

DOCS_BLUEPRINT = "docs"
DOCS_PATH = "/docs"
OPENAPI_PATH = "/openapi.json"

PAGE_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The page's own inline script needs more than the API's policy allows; only this page gets it."""

_PROBLEM = ProblemDocument.__name__

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "new for each order; a repeated request with it gets the same bytes again",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}

_DESCRIPTION = """\
Decides what a retention agent may offer a customer whose commitment ends.
Every answer that is not a success is a problem document (RFC 9457) that lists every fault at once."""

_SPEC = {
    "info": {"description": _DESCRIPTION, "license": {"name": "MIT", "identifier": "MIT"}},
    "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    "servers": [{"url": "/"}],
}


def describe(app: Flask, version: str) -> Api:
    """Set up the description; the blueprints registered with what is returned appear in it."""
    app.config.update(
        API_TITLE="Counteroffer",
        API_VERSION=version,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH=OPENAPI_PATH.removeprefix("/"),
    )
    api = _Api(app, spec_kwargs=_SPEC)
    api.spec.components.schema(_PROBLEM, schema=ProblemDocument)
    return api


def docs_blueprint() -> FlaskBlueprint:
    """The page at /docs, with its scripts and styles, out of the package flask-swagger-ui."""
    options = {"app_name": "Counteroffer", "oauth2RedirectUrl": "", "validatorUrl": None}
    blueprint: FlaskBlueprint = get_swaggerui_blueprint(
        DOCS_PATH, OPENAPI_PATH, config=options, blueprint_name=DOCS_BLUEPRINT
    )

    @blueprint.after_request
    def _own_policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response

    return blueprint


def described(
    blueprint: Blueprint, reply: type[Schema], example: Any, problems: Sequence[int], status: int = 200
) -> Callable[[View], View]:
    """Describes a view: its reply with an example, and the statuses it may fail with, each with its codes."""

    def decorate(view: Any) -> Any:
        refusals = {str(failing): _refusal(failing) for failing in problems}
        return blueprint.doc(responses=refusals)(blueprint.response(status, reply, example=example)(view))

    return decorate


def _refusal(status: int) -> dict[str, Any]:
    codes = [code for code, (of, _) in CODES.items() if of == status]
    schema = {"$ref": f"#/components/schemas/{_PROBLEM}"}
    return {"description": f"Codes: {', '.join(codes)}", "content": {PROBLEM_JSON: {"schema": schema}}}


def described_request(
    blueprint: Blueprint, schema: type[Schema], examples: Mapping[str, Any], idempotent: bool = False
) -> Callable[[View], View]:
    """Describes the JSON body a view reads, that it wants a key, and where it does, an idempotency key."""
    content = {"application/json": {"schema": schema, "examples": examples}}
    describe_operation: Callable[[View], View] = blueprint.doc(
        requestBody={"required": True, "content": content},
        security=[{"key": []}],
        parameters=[IDEMPOTENCY_KEY] if idempotent else [],
    )
    return describe_operation


def described_question(blueprint: Blueprint, parameters: Sequence[Mapping[str, Any]] = ()) -> Callable[[View], View]:
    """Describes what a view reads from the address, and that it wants a key."""
    described_as: Callable[[View], View] = blueprint.doc(
        parameters=[{"in": "query", "required": False, **parameter} for parameter in parameters], security=[{"key": []}]
    )
    return described_as


class _Api(Api):  # type: ignore[misc]
    """Flask-smorest with our problem documents instead of its own error body."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Nothing: `api.app` answers every error."""
