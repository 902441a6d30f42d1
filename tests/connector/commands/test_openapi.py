import json
from pathlib import Path

import pytest

from tests.connector.commands.conftest import Cli

COMMITTED = Path(__file__).parents[3] / "openapi" / "openapi.json"


def test_the_committed_document_is_what_the_code_says(cli: Cli) -> None:
    result = cli("openapi", "--check", "--output", str(COMMITTED))
    assert result.exit_code == 0, result.stderr


@pytest.mark.parametrize("content", [None, "{}", "no JSON"])
def test_a_stale_or_missing_file_is_found_and_left_alone(
    cli: Cli, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "openapi.json"
    if content is not None:
        file.write_text(content)
    result = cli("openapi", "--check", "--output", str(file))
    assert result.exit_code == 1
    assert f"retusche openapi --output {file}" in result.stderr
    assert (file.read_text() if file.exists() else None) == content


def test_check_needs_a_file(cli: Cli) -> None:
    result = cli("openapi", "--check")
    assert result.exit_code == 2
    assert "--output" in result.stderr


def test_it_is_the_same_whatever_the_machine_is_set_to(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETUSCHE_HOST", "0.0.0.0")
    monkeypatch.setenv("RETUSCHE_DATABASE_URL", "nonsense://")
    file = tmp_path / "new" / "openapi.json"
    assert cli("openapi", "--output", str(file)).exit_code == 0
    assert file.read_text() == COMMITTED.read_text()


def test_steps_of_plug_ins_are_in_it_when_asked_for(cli: Cli) -> None:
    built_in, installed = cli("openapi").stdout, cli("openapi", "--installed").stdout
    assert json.loads(built_in)["openapi"].startswith("3.1")
    assert json.loads(installed)["openapi"].startswith("3.1")
