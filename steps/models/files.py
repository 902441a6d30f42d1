"""Where a model's files lie on this machine, and whether they are the pinned ones.

What `pull` fetched of a hub lies in `<weights_dir>/models/<name>/<first 12 digits of the revision>/`. A folder is
there whole or not at all. Copying `weights_dir` to another machine is enough to have the models there.
"""

import hashlib
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from steps import weights
from steps.contract import WeightsUse
from steps.environment import Environment
from steps.errors import BackendUnavailable, StepError, WeightsInvalid, WeightsMissing
from steps.models.contract import (
    CatalogueSource,
    HubSource,
    Model,
    PathSource,
    UrlSource,
)
from steps.weights import Weights, cache
from steps.weights.contract import UrlSource as UrlOfFile


@dataclass(frozen=True, slots=True)
class Located:
    """A model whose files are here."""

    model: Model
    path: Path
    """A folder, or the one file; of several files of the catalogue the first."""
    files: tuple[Path, ...]
    """Every file, in order."""

    @property
    def size_bytes(self) -> int:
        """Bytes of all files."""
        return sum(path.stat().st_size for path in self.files)


def locate(model: Model, environment: Environment) -> Located:
    """Return where the model lies; its pinned files are checked by their hashes (read once per process).

    Raises:
        BackendUnavailable: its licence is not allowed here.
        WeightsMissing: it is not here; says how to get it.
        WeightsInvalid: another file lies in a pinned one's place, or none of the files can be used.
    """
    refused = weights.refused(
        f"the model {model.name!r}", model.licence, environment, commercial=model.commercial
    )
    if refused is not None:
        raise BackendUnavailable(refused, pointer=model.name)
    if isinstance(model.source, CatalogueSource):
        paths = tuple(weights.path(name, environment) for name in model.source.weights)
        return Located(model, paths[0], paths)
    path = place(model, environment)
    if not path.exists():
        raise WeightsMissing(how_to_get(model, environment), pointer=model.name)
    if isinstance(model.source, UrlSource):
        cache.check(file_of(model, model.source), path)
    files = (path,) if path.is_file() else _files_in(path, model)
    _check_pins(model, path, files)
    return Located(model, path, files)


def problem_with(model: Model, environment: Environment) -> StepError | None:
    """Say why the model cannot be used here (licence, not here); None when it can. Reads no file."""
    refused = weights.refused(
        f"the model {model.name!r}", model.licence, environment, commercial=model.commercial
    )
    if refused is not None:
        return BackendUnavailable(refused, pointer=model.name)
    if isinstance(model.source, CatalogueSource):
        try:
            reasons = [weights.reason_against(name, environment) for name in model.source.weights]
        except WeightsMissing as error:  # of a catalogue that has no such entry
            return error
        reason = next((reason for reason in reasons if reason is not None), None)
    else:
        here = place(model, environment).exists()
        reason = None if here else how_to_get(model, environment)
    return None if reason is None else WeightsMissing(reason, pointer=model.name)


def place(model: Model, environment: Environment) -> Path:
    """Return where the model's folder or file lies, or would lie.

    Raises:
        ValueError: its files are the catalogue's, which have places of their own.
    """
    source = model.source
    if isinstance(source, PathSource):
        return source.path
    if isinstance(source, HubSource):
        folder = environment.weights_dir / "models" / model.name / source.revision[:12]
        return folder / source.subfolder
    if isinstance(source, UrlSource):
        entry = file_of(model, source)
        return cache.find(entry, environment) or cache.place(entry, environment)
    raise ValueError(f"the files of {model.name!r} lie in the weights catalogue")


def file_of(model: Model, source: UrlSource) -> Weights:
    """Return a model of one file at a URL as an entry of the weights cache."""
    return Weights(
        name=model.name,
        filename=source.url.rpartition("/")[2],
        sha256=source.sha256,
        size_bytes=source.size_bytes,
        licence=model.licence,
        revision=source.sha256[:12],
        source=UrlOfFile(source.url),
        summary=model.summary,
        commercial=model.commercial,
    )


def use(located: Located) -> tuple[WeightsUse, ...]:
    """Return what a report says of the model's files.

    Of a folder it is one line, whose hash is that of the lines "path SHA-256" of its files.
    """
    model = located.model
    if isinstance(model.source, CatalogueSource):
        return tuple(weights.use(name) for name in model.source.weights)
    digests = {_label(located.path, path): cache.sha256_of(path) for path in located.files}
    if located.path.is_file():
        (digest,) = digests.values()
    else:
        lines = "".join(f"{name} {found}\n" for name, found in sorted(digests.items()))
        digest = hashlib.sha256(lines.encode()).hexdigest()
    return (
        WeightsUse(
            name=model.name,
            revision=model.revision or digest[:12],
            sha256=digest,
            licence=model.licence,
            source=str(model.source),
        ),
    )


def fingerprint(model: Model) -> str:
    """Return what changes when the model or its files change, without reading the files."""
    digest = hashlib.sha256(model.model_dump_json().encode())
    if isinstance(model.source, PathSource) and model.source.path.exists():
        root = model.source.path
        for path in (root,) if root.is_file() else sorted(root.rglob("*.*")):
            state = path.stat()
            line = f"{_label(root, path)} {state.st_size} {state.st_mtime_ns}\n"
            digest.update(line.encode())
    return digest.hexdigest()


def how_to_get(model: Model, environment: Environment) -> str:
    """Say how the model comes to this machine."""
    if isinstance(model.source, PathSource):
        return f"there is no {model.source.path}, where the model {model.name!r} should lie"
    way = f"run `retusche models pull {model.name}`; or"
    if environment.offline:
        way = "RETUSCHE_OFFLINE is set, so nothing is fetched;"
    return (
        f"the model {model.name!r} ({model.source}) is not in {environment.weights_dir}; "
        f"{way} {by_hand(model, environment)}"
    )


def by_hand(model: Model, environment: Environment) -> str:
    """Say how the model comes to this machine without a network."""
    return (
        f"copy {place(model, environment)} from a machine that has it, "
        "or name a folder in RETUSCHE_MODELS_FILE"
    )


def _files_in(folder: Path, model: Model) -> tuple[Path, ...]:
    """Return the files of a folder that count: weights that hold no code, and texts.

    Raises:
        WeightsInvalid: there are no safetensors among them.
    """
    patterns = model.source.files if isinstance(model.source, HubSource) else None
    wanted = patterns or ("*.safetensors", "*.json", "*.txt", "*.model")
    found = tuple(
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and any(fnmatch(path.name, pattern.rpartition("/")[2]) for pattern in wanted)
    )
    if not any(path.suffix == ".safetensors" for path in found):
        raise WeightsInvalid(
            f"{folder} holds no .safetensors; other weights files may hold code and are not opened",
            pointer=model.name,
        )
    return found


def _check_pins(model: Model, root: Path, files: tuple[Path, ...]) -> None:
    known = {_label(root, path): path for path in files}
    for name, digest in model.sha256.items():
        if name not in known:
            raise WeightsInvalid(f"{root} lacks {name}, which is pinned", pointer=model.name)
        found = cache.sha256_of(known[name])
        if found != digest:
            raise WeightsInvalid(
                f"{known[name]} is not the pinned file of {model.name!r}: "
                f"its SHA-256 is {found}, wanted is {digest}",
                pointer=model.name,
            )


def _label(root: Path, path: Path) -> str:
    return path.name if path == root else path.relative_to(root).as_posix()
