"""What docs/operations.md promises about the images. No engine runs here: the Dockerfile is read."""

import runpy
from collections.abc import Callable
from importlib import metadata
from typing import cast

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.operations.files import ROOT, stages

IMAGES = ("light", "gpu")
TORCH = ("torch", "nvidia-", "cuda-", "triton", "ultralytics")


def _requirements(extras: list[str]) -> list[str]:
    listed = runpy.run_path(str(ROOT / "docker" / "requirements.py"))["requirements"]
    return cast("Callable[..., list[str]]", listed)(ROOT / "pyproject.toml", extras)


def _installed_for(requirements: list[str]) -> set[str]:
    """Names of all distributions that these requirements bring, as they are installed here."""
    found: set[str] = set()
    waiting = [Requirement(each) for each in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found:
            continue
        found.add(name)
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            extras = requirement.extras or {""}
            if not needed.marker or any(needed.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(needed)
    return found


@pytest.mark.parametrize("image", IMAGES)
def test_nothing_runs_as_root(image: str) -> None:
    instructions = stages()[image].all()
    user = stages()[image].last("USER").argument
    assert user == "10001:10001"
    last_user = max(i for i, each in enumerate(instructions) if each.name == "USER")
    after = [each.name for each in instructions[last_user + 1 :]]
    assert not {"RUN", "COPY", "ADD"} & set(after)


@pytest.mark.parametrize("image", IMAGES)
def test_signals_reach_the_program(image: str) -> None:
    stage = stages()[image]
    assert stage.last("ENTRYPOINT").listed() == ["tini", "--", "retusche"]
    assert stage.last("CMD").listed()  # the exec form: no shell stands between
    assert stage.last("STOPSIGNAL").argument == "SIGTERM"


@pytest.mark.parametrize("image", IMAGES)
def test_the_health_check_needs_python_alone(image: str) -> None:
    program, script, *_ = stages()[image].last("HEALTHCHECK").listed()
    assert program == "python"
    copied = [e.argument for e in stages()[image].all() if e.name == "COPY"]
    assert any(argument.endswith(script) for argument in copied)


def test_a_plain_build_makes_the_light_image() -> None:
    assert list(stages())[-1] == "light"


def test_the_light_image_has_no_torch() -> None:
    built_from = stages()["light"].sources()
    assert "light-dependencies" in built_from
    assert "gpu-dependencies" not in built_from
    commands = [e.argument for name in built_from for e in stages()[name].own if e.name == "RUN"]
    assert not [command for command in commands if "requirements.py gpu" in command]
    heavy = [name for name in _installed_for(_requirements([])) if name.startswith(TORCH)]
    assert heavy == []


def test_the_gpu_image_has_torch() -> None:
    assert "gpu-dependencies" in stages()["gpu"].sources()
    assert [each for each in _requirements(["gpu"]) if each.startswith("torch")]


def test_only_pinned_versions_are_installed() -> None:
    runs = [e.argument for stage in stages().values() for e in stage.own if e.name == "RUN"]
    installs = [part for run in runs for part in run.split("&&") if "pip install" in part]
    assert len(installs) >= 4
    for install in installs:
        assert "--constraint constraints.txt" in install or "--no-deps --no-index" in install


def test_no_secret_can_get_into_a_layer() -> None:
    for stage in stages().values():
        for each in stage.own:
            if each.name in {"ARG", "ENV"}:
                assert not {"PASSWORD", "TOKEN", "SECRET", "INDEX_URL"} & set(
                    each.argument.upper().replace("=", "_").split("_")
                )
            if each.name == "COPY":
                assert ".env" not in each.argument
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"  # everything, but what is named
    assert "!.env" not in rules
    assert rules.index("**/.env") > max(i for i, rule in enumerate(rules) if rule.startswith("!"))


def test_what_is_copied_exists_and_is_let_in() -> None:
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for stage in stages().values():
        for each in stage.own:
            if each.name != "COPY" or "--from=" in each.argument:
                continue
            words = [word for word in each.argument.split() if not word.startswith("--")]
            for source in words[:-1]:
                assert (ROOT / source).exists()
                assert f"!{source.split('/')[0]}" in rules
