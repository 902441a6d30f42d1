"""The weights cache: where a file lies, whether it is the pinned one, and how it gets there.

Layout: `<weights_dir>/<name>/<first 12 digits of the SHA-256>/<filename>`. A file put there by
hand may also lie at `<weights_dir>/<name>/<filename>` or `<weights_dir>/<filename>`; whatever
its place, only the pinned hash is accepted. Reading needs no right to write.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from steps.environment import Environment
from steps.errors import WeightsInvalid, WeightsMissing
from steps.weights.contract import PathSource, Weights

_CHUNK = 1 << 20

_verified: dict[tuple[Path, int, int], str] = {}
"""SHA-256 by (path, modification time in ns, size): each file is read once per process."""


def place(weights: Weights, environment: Environment) -> Path:
    """Return where `pull` puts the file."""
    return environment.weights_dir / weights.name / weights.sha256[:12] / weights.filename


def find(weights: Weights, environment: Environment) -> Path | None:
    """Return the first place that holds the file, whatever its content; None if no place does."""
    places = [
        place(weights, environment),
        environment.weights_dir / weights.name / weights.filename,
        environment.weights_dir / weights.filename,
    ]
    if isinstance(weights.source, PathSource):
        places.append(weights.source.path)
    return next((path for path in places if path.is_file()), None)


def check(weights: Weights, path: Path, *, again: bool = False) -> None:
    """Compare the hash with the pinned one; what was read is kept for the process.

    Args:
        weights: the entry.
        path: the file, at whatever place.
        again: read the file even if this process already did.

    Raises:
        WeightsInvalid: the file is another one, damaged, or cannot be read.
    """
    found = sha256_of(path, again=again)
    if found != weights.sha256:
        raise WeightsInvalid(
            f"{path} is not the pinned file of {weights.name!r}: it has {path.stat().st_size} bytes and "
            f"SHA-256 {found}; wanted are {weights.size_bytes} bytes and {weights.sha256}. "
            f"Remove it and run `retusche models pull {weights.name}`",
            pointer=path.name,
        )


def sha256_of(path: Path, *, again: bool = False) -> str:
    """Return the SHA-256 of a file, lower-case hex; an unchanged file is read once per process unless `again`.

    Raises:
        WeightsInvalid: the file cannot be read.
    """
    try:
        state = path.stat()
        key = (path.resolve(), state.st_mtime_ns, state.st_size)
        if again or key not in _verified:
            _verified[key] = _sha256(path)
    except OSError as error:
        raise WeightsInvalid(
            f"{path} cannot be read: {error.strerror or error}", pointer=path.name
        ) from error
    return _verified[key]


@contextmanager
def incoming(weights: Weights, environment: Environment) -> Iterator[BinaryIO]:
    """Give a temporary file to write to; on a clean exit check it and move it into its place.

    The temporary file lies beside its goal, so that the move is atomic: another process sees
    nothing or the whole file, and of two processes that pull at once the last one wins with the
    same bytes. After an error nothing is left.

    Raises:
        WeightsInvalid: what was written is not the pinned file.
        WeightsMissing: the cache cannot be written.
    """
    goal = place(weights, environment)
    part: Path | None = None
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{goal.name}.", suffix=".part", dir=goal.parent)
        part = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
        _check_incoming(weights, part)
        part.chmod(0o644)  # mkstemp makes private files; a cache may be shared
        part.replace(goal)
    except OSError as error:
        raise WeightsMissing(
            f"{goal} cannot be written: {error.strerror or error}", pointer=weights.filename
        ) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _check_incoming(weights: Weights, part: Path) -> None:
    digest, size = _sha256(part), part.stat().st_size
    if digest != weights.sha256:
        raise WeightsInvalid(
            f"{weights.source} gave another file than the pinned {weights.name!r}: {size} bytes "
            f"and SHA-256 {digest}; wanted are {weights.size_bytes} bytes and {weights.sha256}",
            pointer=weights.filename,
        )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
