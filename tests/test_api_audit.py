"""Stacks audited over HTTP: the same result as on the command line, and one clear line for what is no stack."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from small_store import build, opener

from rag.stack import parse
from ui.api import create_app
from ui.audit import audit_json

MIT = {"name": "a", "license": "mit"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def http(home: Path) -> Iterator[TestClient]:
    with TestClient(create_app(home, opener, chat=False), base_url="http://127.0.0.1:8000") as client:
        yield client


def test_a_stack_is_audited_as_on_the_command_line(http: TestClient, home: Path) -> None:
    body: dict[str, Any] = {
        "use": {"distribution": "weights", "purposes": ["commercial"], "users": [{"value": 5, "as_of": "2025-03"}]},
        "component": [
            MIT,
            {"name": "b", "license": "BSD-3-Clause"},
            {"name": "both", "derived_from": ["a", "b"], "how": "merge"},
            {"name": "x", "license": "Zebra-9.9"},
        ],
    }
    found = http.post("/api/audit", json=body)
    assert found.status_code == 200
    toml = """
[use]
distribution = "weights"
purposes = ["commercial"]
users = [{ value = 5, as_of = "2025-03" }]
[[component]]
name = "a"
license = "mit"
[[component]]
name = "b"
license = "BSD-3-Clause"
[[component]]
name = "both"
derived_from = ["a", "b"]
how = "merge"
[[component]]
name = "x"
license = "Zebra-9.9"
"""
    assert found.json() == json.loads(json.dumps(audit_json(opener(home).audit(parse(toml)))))
    assert set(found.json()) == {"verdict", "components", "findings", "obligations", "permissions", "replacements"}
    assert [f["code"] for f in found.json()["findings"] if f["level"] == "error"] == ["unknown-license"]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"", 422, "Field required"),
        (b"{", 422, "JSON"),
        (b"[]", 422, "dictionary"),
        (b"[" * 100_000, 400, ""),
        (b'{"component": [{"name": "\\ud800", "license": "mit"}]}', 400, "component 1: needs a name"),
        (b'{"component": [{"name": "a", "license": "\\udc00"}]}', 400, "license: must be words"),
        (b'{"component": [{"name": "a", "license": "mit"}], "\\ud800": 1}', 400, "is not known"),
        (b'"' + b"x" * 300_000 + b'"', 413, "larger than 256 kB"),
        ({}, 400, "has no [[component]]"),
        ({"component": [MIT], "stack": 1}, 400, "'stack' is not known"),
        ({"component": [MIT] * 1000}, 400, "has 1000 components; at most 500 are read"),
        ({"component": [{"name": "a", "derived_from": ["b"]}]}, 400, "'b', which is no component"),
        (
            {"component": [{"name": "a", "derived_from": ["b"]}, {"name": "b", "derived_from": ["a"]}]},
            400,
            "made from each other in a circle",
        ),
        ({"component": [{"name": "a", "license": 5}]}, 400, "component a, license: must be words"),
        ({"component": [{"name": "a", "license": "mit", "model": {}}]}, 400, "must be words"),
        ({"component": "mit"}, 400, "has no [[component]]"),
        ({"component": [MIT], "use": {"users": [{"value": True}]}}, 400, "True is no amount"),
        ({"component": [MIT], "use": {"markets": {"EU": 1}}}, 400, "must be a list of words"),
        ({"component": [MIT], "use": []}, 400, "must be a table"),
    ],
)
def test_what_is_no_stack_gets_one_clear_line(body: Any, status: int, says: str, http: TestClient) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = http.post("/api/audit", content=content, headers={"Content-Type": "application/json"})
    error = found.json()["error"]
    assert (found.status_code, set(error)) == (status, {"code", "message"})
    assert says in error["message"]
    assert "\n" not in error["message"]


def test_the_interface_names_the_route(http: TestClient) -> None:
    assert "/api/audit" in http.get("/openapi.json").json()["paths"]
