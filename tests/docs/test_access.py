"""docs/authentication.md and docs/security.md say nothing that is not so."""

import re
from pathlib import Path

import pytest

from connector.api.statuses import FAULTS
from connector.auth.scopes import Scope
from connector.settings import Settings
from tests.operations.test_commands import _resolve

ROOT = Path(__file__).parents[2]
AUTHENTICATION = (ROOT / "docs" / "authentication.md").read_text(encoding="utf-8")
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_variables_exist_with_the_defaults_that_are_said() -> None:
    named = set(re.findall(r"RETUSCHE_([A-Z_]*[A-Z])", AUTHENTICATION + SECURITY))
    assert {name.lower() for name in named} <= set(Settings.model_fields)
    rows = re.findall(r"^\| `RETUSCHE_(OIDC_\w+)` \| `([^`]+)` \|", AUTHENTICATION, re.MULTILINE)
    assert len(rows) == 3
    for name, said in rows:
        assert ",".join(Settings.model_fields[name.lower()].default) == said
    assert f"({Settings.model_fields['requests_per_minute'].default})" in AUTHENTICATION


@pytest.mark.parametrize(
    "said", sorted(set(re.findall(r"(?:\$ |`)retusche ([a-z][^`\n|]*)", AUTHENTICATION)))
)
def test_commands_exist(said: str) -> None:
    _resolve(said.partition('"')[0].split())


def test_scopes_and_codes_are_the_ones_there_are() -> None:
    assert set(re.findall(r"^\| `(\w+:\w+)` \|", AUTHENTICATION, re.MULTILINE)) == set(Scope)
    rows = re.findall(r"^\| (\d{3}) (`[^|]+`) \|", AUTHENTICATION, re.MULTILINE)
    assert len(rows) == 5
    for status, codes in rows:
        for code in re.findall(r"`([^`]+)`", codes):
            assert FAULTS[code].status == int(status)


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", AUTHENTICATION + SECURITY):
        assert (ROOT / "docs" / target).exists(), target


def test_every_answer_to_a_threat_is_shown_by_a_test_that_exists() -> None:
    paths = list((ROOT / "tests").rglob("test_*.py"))
    files = {path.name for path in paths}
    sources = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    rows = [line.split("|") for line in SECURITY.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 14
    for _, threat, _, shown, _ in rows[:-1]:
        named = re.findall(r"`([^`]+)`", shown)
        assert named, threat
        for each in named:
            found = (ROOT / each).exists() or each in files or f"def {each}(" in sources
            assert found, each
