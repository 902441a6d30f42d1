"""Results on disk: NAME.EXT, NAME.mask.png, NAME.report.json; whole or not at all."""

import json
import mimetypes
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from connector.batch.sources import Source
from steps.contract import AnyStep, Item, Parameters, Part, PartType, StepResult
from steps.run import hashes_of

_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
    "image/heic": ".heic",
    "image/avif": ".avif",
}


def report_path(source: Source) -> Path:
    """Return where the report of a source goes."""
    return source.target.with_name(f"{source.target.name}.report.json")


def write(source: Source, result: StepResult) -> dict[str, Path]:
    """Write the parts, then the report, and return the files by role ("result", "mask", "report").

    The report says that everything before it is complete, so an older one goes first and the new
    one comes last: after a crash at any moment, a report never stands beside another run's picture.

    Raises:
        OSError: the output folder cannot be written.
    """
    report = report_path(source)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    files: dict[str, Path] = {}
    for role, suffix, content in _contents(source, result):
        files[role] = source.target.with_name(source.target.name + suffix)
        _write(files[role], content)
    text = result.report.model_dump_json(by_alias=True, indent=2)
    _write(report, f"{text}\n".encode())
    return {**files, "report": report}


def is_done(source: Source, item: Item, step: AnyStep, parameters: Parameters) -> bool:
    """Say whether the report on disk is of this very work, and its picture is still there."""
    try:
        report = json.loads(report_path(source).read_bytes())
    except FileNotFoundError:
        return False
    except ValueError:  # cut off or edited: the work is done again
        return False
    wanted = {
        "step": step.name,
        "version": step.version,
        "inputs": hashes_of(item),
        "parameters": parameters.model_dump(mode="json", by_alias=True),
    }
    same = isinstance(report, Mapping) and all(report.get(k) == v for k, v in wanted.items())
    return same and _has_result(source)


def _has_result(source: Source) -> bool:
    suffixes = {*_SUFFIXES.values(), source.path.suffix}
    return any(source.target.with_name(source.target.name + s).is_file() for s in suffixes if s)


def _contents(source: Source, result: StepResult) -> Iterator[tuple[str, str, bytes]]:
    """Yield (role, what is added to the name, bytes) of every part."""
    seen: dict[str, int] = {}
    for part in result.parts:
        role = "result" if part.type is PartType.BASE_PART else part.role.value
        seen[role] = number = seen.get(role, 0) + 1
        label = role if number == 1 else f"{role}{number}"
        suffix = _suffix(source, part)
        yield label, suffix if label == "result" else f".{label}{suffix}", _bytes(part)


def _suffix(source: Source, part: Part) -> str:
    """Return the source's own suffix where it fits (".JPG", ".jpeg"), else the usual one."""
    if part.type is PartType.BASE_PART:
        own = source.path.suffix
        if mimetypes.guess_type(f"x{own}".lower())[0] == part.mime_type:
            return own
    found = _SUFFIXES.get(part.mime_type) or mimetypes.guess_extension(part.mime_type)
    return found or ".bin"


def _bytes(part: Part) -> bytes:
    if not isinstance(part.content, bytes):
        raise TypeError(f"the step gave a {part.role.value} part that is not encoded")
    return part.content


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:80]}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        part.chmod(0o666 & ~_umask())  # mkstemp makes private files; results are ordinary ones
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
