import json
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from steps.environment import Environment
from steps.errors import WeightsMissing
from steps.registry import build
from tests.connector.commands.conftest import Cli
from tests.invert import Invert, InvertParameters, png


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(png(file_type="jpeg"))
    (folder / "a.png").write_bytes(png())
    (folder / "inner" / "b.png").write_bytes(png((30, 20)))
    (folder / "notes.txt").write_text("no picture")
    return folder


def below(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_folder_gives_a_folder(cli: Cli, photos: Path) -> None:
    ran = cli("run", "invert", str(photos), "--output", "out")
    assert ran.exit_code == 0
    assert ran.stdout == ""
    assert "3 finished, 1 left out, no pictures by their names; results are in out" in ran.stderr
    bases = ("a-jpg.jpg", "a-png.png", "inner/b.png")
    assert below(Path("out")) == sorted(
        name
        for base in bases
        for stem in [base.rpartition(".")[0]]
        for name in (base, f"{stem}.mask.png", f"{stem}.report.json")
    )
    assert np.array(Image.open("out/inner/b.png"))[0, 0].tolist() == [0xDF, 0xBF, 0x9F]
    assert np.array(Image.open("out/inner/b.mask.png")).min() == 255


def test_parameters_reach_the_step_and_its_report(cli: Cli, photos: Path) -> None:
    ran = cli(
        "run", "invert", str(photos / "a.png"), "-o", "out", "--seed", "9",
        "--set", 'areas=[{"rectangle":[0,0,0.5,1]}]',
        "--set", "channels=red,blue", "-s", "limits.red=0.25", "-s", "on_error=crash",
    )  # fmt: skip
    assert ran.exit_code == 0, ran.stderr
    report = json.loads(Path("out/a.report.json").read_bytes())
    assert report["seed"] == 9
    assert report["parameters"] == {
        "seed": 9,
        "areas": [{"rectangle": [0, 0, 0.5, 1]}],
        "channels": ["red", "blue"],
        "limits": {"red": 0.25},
        "strength": 1.0,
        "onError": "crash",
    }
    mask = np.array(Image.open("out/a.mask.png"))
    assert (mask[:, :4].min(), mask[:, 4:].max()) == (255, 0)


def test_json_gives_a_line_per_file(cli: Cli, photos: Path) -> None:
    (photos / "broken.jpg").write_bytes(b"no picture")
    ran = cli("run", "invert", str(photos), "--output", "out", "--json")
    assert ran.exit_code == 1
    lines = {Path(line["source"]).name: line for line in map(json.loads, ran.stdout.splitlines())}
    assert {name: line["status"] for name, line in lines.items()} == {
        "a.jpg": "finished",
        "a.png": "finished",
        "b.png": "finished",
        "broken.jpg": "failed",
    }
    assert lines["broken.jpg"]["error"]["code"] == "image-undecodable"
    assert lines["b.png"]["files"] == {
        "result": "out/inner/b.png",
        "mask": "out/inner/b.mask.png",
        "report": "out/inner/b.report.json",
    }
    assert lines["b.png"]["seconds"] > 0


def test_a_file_that_fails_is_named_and_the_others_are_done(cli: Cli, photos: Path) -> None:
    (photos / "broken.jpg").write_bytes(b"no picture")
    ran = cli("run", "invert", str(photos), "--output", "out")
    assert ran.exit_code == 1
    assert "3 finished, 1 left out, no pictures by their names, 1 failed" in ran.stderr
    assert "broken.jpg: not a picture" in ran.stderr
    assert "(image-undecodable)" in ran.stderr
    assert not any("broken" in name for name in below(Path("out")))


def test_a_second_run_does_only_what_is_new(cli: Cli, photos: Path) -> None:
    cli("run", "invert", str(photos), "--output", "out")
    first = {name: Path("out", name).stat().st_mtime_ns for name in below(Path("out"))}
    (photos / "inner" / "b.png").write_bytes(png((30, 20), "#ffffff"))
    ran = cli("run", "invert", str(photos), "--output", "out")
    assert "1 finished, 2 were done already" in ran.stderr
    changed = {n for n, t in first.items() if Path("out", n).stat().st_mtime_ns != t}
    assert changed == {"inner/b.png", "inner/b.mask.png", "inner/b.report.json"}


def test_other_parameters_and_force_mean_work(cli: Cli, photos: Path) -> None:
    cli("run", "invert", str(photos), "--output", "out")
    assert "3 were done already" in cli("run", "invert", str(photos), "-o", "out").stderr
    assert "3 finished" in cli("run", "invert", str(photos), "-o", "out", "--force").stderr
    assert "3 finished" in cli("run", "invert", str(photos), "-o", "out", "--seed", "1").stderr


def test_ctrl_c_stops_cleanly_and_a_second_run_goes_on(cli: Cli, photos: Path) -> None:
    stop = photos / "b-interrupt.png"
    stop.write_bytes(png())
    before = signal.getsignal(signal.SIGINT)
    ran = cli("run", "interrupted", str(photos), "--output", "out")
    assert ran.exit_code == 130
    assert "2 finished" in ran.stderr
    assert "interrupted with 2 to go; the same command goes on from here" in ran.stderr
    assert not any("interrupt" in name or ".part" in name for name in below(Path("out")))
    assert signal.getsignal(signal.SIGINT) is before
    stop.unlink()
    again = cli("run", "interrupted", str(photos), "--output", "out")
    assert again.exit_code == 0
    assert "1 finished, 2 were done already" in again.stderr


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        ("strength=2", "strength: Input should be less than or equal to 1; given: 2"),
        ("limits.red=2", "limits.red: Input should be less than 1; given: 2"),
        ("onError=ignore", "onError: Input should be 'raise', 'crash' or 'memory'"),
        ("areas=[1]", "areas.0: Input should be a valid dictionary"),
        ("strenght=1", "there is no parameter 'strenght'; known: seed, areas"),
        ("strength", "'strength' must be NAME=VALUE"),
    ],
)
def test_a_wrong_parameter_stops_before_any_work(
    assignment: str, says: str, cli: Cli, photos: Path
) -> None:
    ran = cli("run", "invert", str(photos), "-o", "out", "--set", assignment)
    assert ran.exit_code == 2
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not Path("out").exists()


def test_an_unknown_step_lists_the_known_ones(cli: Cli, photos: Path) -> None:
    ran = cli("run", "inwert", str(photos))
    assert ran.exit_code == 2
    assert "known steps: interrupted, invert" in ran.stderr


def test_a_path_that_does_not_exist_is_named(cli: Cli) -> None:
    ran = cli("run", "invert", "nowhere.jpg")
    assert ran.exit_code == 2
    assert "nowhere.jpg" in ran.stderr


def test_a_folder_without_pictures_is_no_success(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = cli("run", "invert", "empty")
    assert ran.exit_code == 1
    assert "there is no picture in what was named" in ran.stderr


def test_missing_weights_are_told_once_not_for_every_file(
    cli: Cli, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(self: Invert, parameters: InvertParameters, environment: Environment) -> None:
        raise WeightsMissing("run `retusche models pull tiny`")

    monkeypatch.setattr(Invert, "load", load)
    ran = cli("run", "invert", str(photos), "--output", "out")
    assert ran.exit_code == 1
    assert ran.stderr.count("retusche models pull tiny") == 1


def test_a_file_over_the_limit_is_not_read(
    cli: Cli, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETUSCHE_MAX_BYTES", "10")
    ran = cli("run", "invert", str(photos / "a.png"))
    assert ran.exit_code == 1
    assert "(image-too-large)" in ran.stderr


def test_a_wrong_setting_is_named(cli: Cli, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETUSCHE_DEVICE", "tpu")
    ran = cli("run", "invert", str(photos))
    assert ran.exit_code == 2
    assert "RETUSCHE_DEVICE='tpu' must be one of auto, cpu, cuda" in ran.stderr


def test_a_step_that_needs_no_picture_is_called_without_one(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build(["steps.generate:Generate"])
    monkeypatch.setattr("steps.registry.steps", lambda: made)
    given = ("prompt=a garden", "backend=stub", "width=64", "height=64", "count=2")
    call = ("run", "generate", "-o", "out", *(f"--set={each}" for each in given))
    assert "1 finished" in cli(*call).stderr
    assert below(Path("out")) == ["generate.png", "generate.report.json", "generate.result2.png"]
    assert "1 were done already" in cli(*call).stderr


def test_a_step_that_needs_a_picture_says_so(cli: Cli) -> None:
    ran = cli("run", "invert", "-o", "out")
    assert ran.exit_code == 1
    assert "needs a part of role 'source'" in ran.stderr
    assert not Path("out").exists()
