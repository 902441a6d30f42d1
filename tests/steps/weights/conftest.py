import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from steps import weights
from steps.environment import Environment
from steps.weights import Weights
from steps.weights.contract import PathSource, Source

CONTENT = b"a few tiny weights.."
NOWHERE = PathSource(Path("/nowhere/tiny.bin"))


def entry(
    name: str = "tiny",
    *,
    source: Source = NOWHERE,
    content: bytes = CONTENT,
    licence: str = "MIT",
    commercial: bool = True,
) -> Weights:
    return Weights(
        name=name,
        filename=f"{name}.bin",
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        licence=licence,
        revision="1.0",
        source=source,
        summary="For tests.",
        commercial=commercial,
    )


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(weights_dir=tmp_path / "cache")


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replace the catalogue."""

    def replace(*entries: Weights) -> None:
        monkeypatch.setattr(weights, "ENTRIES", entries)
        monkeypatch.setattr(weights, "_BY_NAME", {e.name: e for e in entries})

    return replace


def build_wheel(folder: Path, tag: str, members: dict[str, bytes], version: str = "1.0") -> Path:
    """Write an installable wheel of the package "tinyweights"."""
    info = f"tinyweights-{version}.dist-info"
    texts = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tinyweights\nVersion: {version}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
        f"{info}/RECORD": "",
    }
    path = folder / f"tinyweights-{version}-{tag}.whl"
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**members, **{n: t.encode() for n, t in texts.items()}}.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip, by its user's configuration, takes packages from; no network."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder
