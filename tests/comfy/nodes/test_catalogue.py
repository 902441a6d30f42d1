from pathlib import Path

import pytest

from comfy_bridge import catalogue
from comfy_bridge.nodes.catalogue import FILE, described, shipped


def test_the_committed_file_is_what_the_steps_declare() -> None:
    assert catalogue.main(["--check"]) == 0


def test_a_stale_file_is_said_to_be_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(catalogue, "PACK", tmp_path)
    assert catalogue.main([]) == 0
    assert catalogue.main(["--check"]) == 0
    assert (tmp_path / "catalogue.json").read_text("utf-8") == FILE.read_text("utf-8")
    (tmp_path / "catalogue.json").write_text("{}")
    assert catalogue.main(["--check"]) == 1
    assert "stale: catalogue.json" in capsys.readouterr().err


def test_which_steps_take_a_style_and_which_give_a_mask() -> None:
    steps = {step.name: step for step in shipped()}
    assert steps["style-transfer"].takes("style") is not None
    assert steps["upscale"].takes("mask") is None
    assert {name for name, step in steps.items() if step.gives_mask} >= {"anonymize", "inpaint"}


def test_a_live_service_s_description_may_say_more() -> None:
    entry = {"name": "a", "title": "A", "summary": "", "inputs": [], "parameters": {}, "new": 1}
    assert described(entry).gives_mask is False
