"""The OpenAPI document: what FastAPI makes of the routes, with refusals under the media type they really have."""

from typing import Any

from fastapi import FastAPI

PROBLEM = "application/problem+json"
PROBLEM_SCHEMAS = ("/Problem", "/ChangedProblem", "/InvalidInput")


def describe_problems(app: FastAPI) -> None:
    """Let the document name the media type of problems: FastAPI gives every model of an answer that of the route."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        for methods in document["paths"].values():
            for operation in methods.values():
                for answer in operation["responses"].values():
                    _describe_problem(answer.get("content", {}))
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # The way FastAPI documents.


def _describe_problem(content: dict[str, Any]) -> None:
    for media_type in list(content):
        schema = content[media_type].get("schema", {})
        if media_type != PROBLEM and schema.get("$ref", "").endswith(PROBLEM_SCHEMAS):
            del content[media_type]
            content.setdefault(PROBLEM, {})["schema"] = schema
