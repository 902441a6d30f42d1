"""Every command that the files of operation name exists, with its options."""

import re
from typing import Any

import pytest
import typer.main

from connector.cli import app
from tests.operations.files import GUIDE, ours, stages

ROOT_COMMAND = typer.main.get_command(app)


def _resolve(words: list[str]) -> None:
    """Go down the tree of commands; fails at a command or an option that is not there."""
    command: Any = ROOT_COMMAND
    waiting = list(words)
    while hasattr(command, "commands"):
        name = waiting.pop(0)
        assert name in command.commands, f"there is no `retusche {' '.join(words)}`: {name}"
        command = command.commands[name]
    options = {option for each in command.params for option in each.opts}
    used = {word for word in waiting if word.startswith("--")}
    assert used <= options, f"`retusche {' '.join(words)}` has no option {used - options}"


@pytest.mark.parametrize("name", sorted(ours()))
def test_a_service_runs_a_command_that_exists(name: str) -> None:
    _resolve(ours()[name]["command"])


@pytest.mark.parametrize("image", ["light", "gpu"])
def test_an_image_runs_a_command_that_exists(image: str) -> None:
    _resolve(stages()[image].last("CMD").listed())


def _said() -> list[str]:
    """What follows `retusche` in the guide, without arguments of the reader's own."""
    found = re.findall(r"`(?:time )?retusche ([a-z][^`|]*)`", GUIDE.read_text(encoding="utf-8"))
    return sorted(set(found))


@pytest.mark.parametrize("said", _said())
def test_a_command_of_the_guide_exists(said: str) -> None:
    if "--help" in said:
        said = said.replace("--help", "").strip()
    _resolve(said.split())


def test_the_health_checks_look_for_the_command_that_runs() -> None:
    for service in ours().values():
        check = service["healthcheck"].get("test", [])
        if "process" in check:
            assert check[check.index("process") + 1 :] == ["retusche", service["command"][0]]
