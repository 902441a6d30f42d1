import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from connector.cli import app
from steps import weights
from steps.environment import Environment


@pytest.mark.weights
@pytest.mark.slow
def test_the_demo_leaves_no_person_and_says_where_things_are(tmp_path: Path) -> None:
    output = tmp_path / "demo"
    ran = CliRunner().invoke(app, ["demo", "--output", str(output)])
    assert ran.exit_code == 0, ran.stderr
    for name in ("bus.jpg", "bus.mask.png", "bus.report.json"):
        assert str(output / name) in ran.stdout
        assert (output / name).is_file()
    report = json.loads((output / "bus.report.json").read_bytes())
    (page,) = report["pages"]
    assert len(page["detections"]) >= 4
    assert page["residual"] == []
    assert "0 still detected" in ran.stdout
    assert "largest difference outside the mask 0 of 255" in ran.stdout

    before = np.array(Image.open(weights.path("photo-bus", Environment.from_env())))
    after = np.array(Image.open(output / "bus.jpg"))
    mask = np.array(Image.open(output / "bus.mask.png"))
    assert after.shape == before.shape
    assert mask.shape == before.shape[:2]
    assert 0.05 < (mask > 0).mean() < 0.6
    for name in ("inpaint", "outpaint", "style-transfer", "upscale", "contact-sheet"):
        assert str(output / f"{name}.jpg") in ran.stdout
    assert Image.open(output / "upscale.jpg").size == (2 * before.shape[1], 2 * before.shape[0])
    assert Image.open(output / "outpaint.jpg").size == (before.shape[0], before.shape[0])
    assert Image.open(output / "contact-sheet.jpg").width > 1000

    changed = np.abs(after.astype(int) - before).max(axis=2)
    assert changed[mask == 255].mean() > 10 * changed[mask == 0].mean()
