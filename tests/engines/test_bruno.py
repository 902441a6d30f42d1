"""The Bruno collection calls what the contract has. Bruno's own program ran it by hand: docs/engines.md."""

import json
import re
from pathlib import Path

import pytest

from tests.connector.service_process import ROOT

COLLECTION = ROOT / "openapi" / "engines" / "bruno"
REQUESTS = sorted(COLLECTION.glob("[0-9]*.bru"))
CONTRACT = json.loads((ROOT / "openapi" / "openapi.json").read_text())
VARIABLES = {"url": "", "step": "anonymize", "job": "{job_id}"}


def block(text: str, name: str) -> str:
    """Return what stands in a block of a .bru file; "" where there is none."""
    found = re.search(rf"^{re.escape(name)} {{\n(.*?)^}}", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_each_request_calls_an_operation_of_the_contract(path: Path) -> None:
    text = path.read_text()
    (method,) = re.findall(r"^(get|post|delete) \{", text, re.MULTILINE)
    address = re.findall(r"url: (\S+)", block(text, method))[0].partition("?")[0]
    called = re.sub(r"{{(\w+)}}", lambda found: VARIABLES[found[1]], address)
    operation = CONTRACT["paths"].get(called) or CONTRACT["paths"][templated(called)]
    answers = operation[method]["responses"]
    for status in re.findall(r"res\.status: eq (\d+)", text):
        assert status in answers


def templated(called: str) -> str:
    """Return the path of an operation that takes any step."""
    return called.replace("anonymize", "{step}")


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_each_request_says_what_it_expects(path: Path) -> None:
    assert "res." in block(path.read_text(), "assert")


def test_they_come_in_the_order_of_their_numbers() -> None:
    numbers = [int(re.findall(r"seq: (\d+)", path.read_text())[0]) for path in REQUESTS]
    assert numbers == [int(path.stem[:2]) for path in REQUESTS] == list(range(1, len(REQUESTS) + 1))


def test_every_variable_has_a_value_from_somewhere() -> None:
    texts = [path.read_text() for path in (*REQUESTS, COLLECTION / "collection.bru")]
    used = set(re.findall(r"{{(\w+)}}", "".join(texts)))
    environment = (COLLECTION / "environments" / "local.bru").read_text()
    given = set(re.findall(r"^  (\w+)", environment, re.MULTILINE))
    made = {
        name
        for text in texts
        for name in re.findall(r"^  (\w+):", block(text, "vars:post-response"), re.MULTILINE)
    }
    assert used <= given | made


def test_the_key_is_a_secret_and_the_picture_is_there() -> None:
    environment = (COLLECTION / "environments" / "local.bru").read_text()
    assert re.search(r"vars:secret \[\n  key\n\]", environment)
    files = {
        name for path in REQUESTS for name in re.findall(r"@file\(([^)]+)\)", path.read_text())
    }
    assert files
    assert all((COLLECTION / name).is_file() for name in files)
