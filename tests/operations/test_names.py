"""Every variable that the files of operation name exists, with the default that the guide says."""

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

import steps.environment
from connector.queue.supervisor import MARGIN_SECONDS
from connector.settings import Settings
from steps.imaging.limits import Limits
from tests.operations.files import GUIDE, ONE_SHOT, ROOT, ours, seconds

NAMING = (GUIDE, ROOT / "docker-compose.yml", ROOT / ".env.example", ROOT / "Dockerfile")


def _variables() -> set[str]:
    of_service = {f"RETUSCHE_{name.upper()}" for name in Settings.model_fields}
    of_steps = set(re.findall(r"RETUSCHE_[A-Z_]*[A-Z]", inspect.getsource(steps.environment)))
    return of_service | of_steps | {f"RETUSCHE_{field.name.upper()}" for field in fields(Limits)}


@pytest.mark.parametrize("path", NAMING, ids=lambda path: path.name)
def test_a_variable_exists(path: Path) -> None:
    named = set(re.findall(r"RETUSCHE_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8")))
    assert named
    assert sorted(named - _variables()) == []


def _written(default: object) -> str:
    """A default as a table says it: 1 and 0 for switches, no ".0"."""
    return f"{float(default):.0f}" if isinstance(default, (bool, int, float)) else str(default)


def test_the_guide_says_the_defaults() -> None:
    row = r"^\| `RETUSCHE_([A-Z_]+)` \| `?([\w.]+)`? \|"
    said = dict(re.findall(row, GUIDE.read_text(encoding="utf-8"), re.MULTILINE))
    known = {name.upper(): field.default for name, field in Settings.model_fields.items()}
    compared = {name for name in said if name in known and said[name] != "none"}
    assert len(compared) >= 8
    for name in compared:
        assert said[name] == _written(known[name]), name


@pytest.mark.parametrize("name", sorted(set(ours()) - ONE_SHOT))
def test_a_service_is_given_longer_than_it_takes_to_end(name: str) -> None:
    own = Settings.model_fields["shutdown_seconds"].default
    assert seconds(ours()[name]["stop_grace_period"]) > own + MARGIN_SECONDS
