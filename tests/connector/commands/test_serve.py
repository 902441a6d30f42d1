from typing import Any

import pytest

from connector import serving
from connector.settings import Settings
from tests.connector.commands.conftest import Cli


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Collect the settings that would be served."""
    found: list[Settings] = []
    monkeypatch.setattr(serving, "serve", found.append)
    return found


def test_options_go_before_variables(
    cli: Cli, served: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETUSCHE_PORT", "9000")
    monkeypatch.setenv("RETUSCHE_HOST", "::1")
    assert cli("serve", "--port", "9001").exit_code == 0
    assert (served[0].host, served[0].port) == ("::1", 9001)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--host", "0.0.0.0"], "not a loopback address"), (["--port", "70000"], "port: ")],
)
def test_a_wrong_setting_is_named(
    arguments: list[str], says: str, cli: Cli, served: list[Settings]
) -> None:
    ran = cli("serve", *arguments)
    assert ran.exit_code == 2
    assert says in ran.stderr
    assert "pydantic" not in ran.stderr
    assert served == []


def test_a_taken_port_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(settings: Settings, *_: Any) -> None:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr(serving, "serve", serve)
    ran = cli("serve", "--port", "9001")
    assert ran.exit_code == 1
    assert "cannot listen on 127.0.0.1:9001: Address already in use" in ran.stderr
