import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from steps import models
from steps.environment import Environment
from steps.errors import BackendUnavailable, WeightsInvalid, WeightsMissing
from steps.models import HubSource, Model, PathSource, UrlSource

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def folder_with(path: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def model(source: PathSource | HubSource | UrlSource, **more: object) -> Model:
    fields = {"name": "m", "backend": "lama", "licence": "MIT", "source": source, **more}
    return Model.model_validate(fields)


@pytest.fixture
def here(tmp_path: Path) -> Environment:
    return Environment(weights_dir=tmp_path / "weights")


FILES = {
    "config.json": b"{}",
    "unet/a.safetensors": b"weights",
    "unet/a.bin": b"a pickle",
    ".cache/x.json": b"{}",
}


def test_of_a_folder_weights_without_code_and_texts_count(
    tmp_path: Path, here: Environment
) -> None:
    folder = folder_with(tmp_path / "sd", FILES)
    located = models.locate(model(PathSource(path=folder)), here)
    names = [path.relative_to(folder).as_posix() for path in located.files]
    assert names == ["config.json", "unet/a.safetensors"]
    assert located.size_bytes == 9


def test_a_folder_of_pickles_alone_is_refused(tmp_path: Path, here: Environment) -> None:
    folder = folder_with(tmp_path / "sd", {"unet/a.bin": b"a pickle"})
    with pytest.raises(WeightsInvalid, match="may hold code"):
        models.locate(model(PathSource(path=folder)), here)


def test_pins_are_checked(tmp_path: Path, here: Environment) -> None:
    folder = folder_with(tmp_path / "sd", FILES)
    good = hashlib.sha256(b"weights").hexdigest()
    pinned = model(PathSource(path=folder), sha256={"unet/a.safetensors": good})
    models.locate(pinned, here)
    (folder / "unet/a.safetensors").write_bytes(b"others!")
    with pytest.raises(WeightsInvalid, match="is not the pinned file of 'm'"):
        models.locate(pinned, here)
    (folder / "unet/a.safetensors").rename(folder / "b.safetensors")
    with pytest.raises(WeightsInvalid, match=r"lacks unet/a\.safetensors"):
        models.locate(pinned, here)


def test_a_report_names_revision_hash_and_licence(tmp_path: Path, here: Environment) -> None:
    source = HubSource(hub="owner/name", revision=COMMIT)
    hub = model(source)
    folder_with(here.weights_dir / "models" / "m" / COMMIT[:12], FILES)
    (use,) = models.use(models.locate(hub, here))
    assert (use.name, use.revision, use.licence) == ("m", COMMIT, "MIT")
    assert use.source == f"hub owner/name@{COMMIT}"
    lines = "".join(
        f"{name} {hashlib.sha256(FILES[name]).hexdigest()}\n"
        for name in ("config.json", "unet/a.safetensors")
    )
    assert use.sha256 == hashlib.sha256(lines.encode()).hexdigest()


def test_a_fingerprint_changes_with_the_model_and_its_files(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "sd", FILES)
    plain = model(PathSource(path=folder))
    first = models.fingerprint(plain)
    assert models.fingerprint(plain) == first
    assert models.fingerprint(model(PathSource(path=folder), options={"overlap": 8})) != first
    (folder / "unet/a.safetensors").write_bytes(b"other weights")
    assert models.fingerprint(plain) != first


def test_what_is_missing_says_how_to_get_it(here: Environment) -> None:
    hub = model(HubSource(hub="owner/name", revision=COMMIT))
    with pytest.raises(WeightsMissing, match="retusche models pull m") as caught:
        models.locate(hub, here)
    assert "RETUSCHE_MODELS_FILE" in caught.value.detail
    assert "RETUSCHE_OFFLINE is set" in str(
        models.problem_with(hub, replace(here, offline=True)) or ""
    )
    assert "there is no /nix" in str(
        models.problem_with(model(PathSource(path=Path("/nix"))), here)
    )


def test_licences_are_gated(tmp_path: Path, here: Environment) -> None:
    source = PathSource(path=folder_with(tmp_path / "sd", FILES))
    private = model(source, commercial=False, licence="CC-BY-NC-4.0")
    for ask in (models.locate, models.pull):
        with pytest.raises(BackendUnavailable, match="RETUSCHE_ALLOW_NON_COMMERCIAL"):
            ask(private, here)
    models.locate(private, replace(here, allow_non_commercial=True))
    denied = replace(here, denied_licences=frozenset({"MIT"}))
    assert "denied" in str(models.problem_with(model(source), denied))


def test_offline_nothing_is_fetched(here: Environment) -> None:
    hub = model(HubSource(hub="owner/name", revision=COMMIT))
    with pytest.raises(WeightsMissing, match="RETUSCHE_OFFLINE is set, so nothing is fetched"):
        models.pull(hub, replace(here, offline=True))


def test_yaml_field_names_are_those_of_the_documentation() -> None:
    url = model(UrlSource(url="https://x/y.safetensors", sha256="a" * 64, size_bytes=3))
    assert set(json.loads(url.model_dump_json(by_alias=True))) >= {"memoryMb", "sha256", "source"}
