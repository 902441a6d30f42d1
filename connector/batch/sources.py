"""Which files a batch works on, and where each one's results go.

The results of `photos/a/b.jpg`, found in the folder `photos`, go to `OUTPUT/a/b.*`. Two sources
whose results would share a name (`a.jpg` beside `a.png`) get names of their own (`a-jpg.*`,
`a-png.*`), which depend on the files alone, so that a second run finds them again.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PICTURE_SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".bmp", ".dib",
    ".heic", ".heif", ".hif", ".avif",
})  # fmt: skip
"""What is taken from a folder; a file that is named itself is taken whatever its name."""

_RESULT_SUFFIX = re.compile(r"(\.(mask|report|style|source|result\d+)\d*)+$")
"""Endings that results add to the name of their source."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file, and the name that its results have in common."""

    path: Path
    target: Path
    """Path below the output folder, without any suffix: OUTPUT/a/b for OUTPUT/a/b.jpg."""
    is_file: bool = True
    """Whether there is a picture; False where a step makes one from its parameters alone."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a batch works on."""

    sources: tuple[Source, ...]
    left_out: int
    """Files in the folders that are no pictures by their name."""


def nothing(name: str, output: Path) -> Found:
    """Return what a batch works on where there is no picture: one call, whose results are named as the step."""
    return Found((Source(Path(name), output / name, is_file=False),), 0)


def find(paths: Sequence[Path], output: Path) -> Found:
    """Collect the files, folders with everything below them, in a stable order.

    Hidden files and folders and the output folder itself are not looked into; a file that is
    named twice is taken once.

    Raises:
        ValueError: the output folder holds a source, which results could then overwrite.
    """
    pictures: dict[Path, tuple[Path, Path]] = {}
    left_out = 0
    for path in paths:
        for file, relative in _walk(path, output):
            if path.is_dir() and file.suffix.lower() not in PICTURE_SUFFIXES:
                left_out += 1
            else:
                pictures.setdefault(file.absolute(), (file, relative))
    names = _names([relative for _, relative in pictures.values()])
    files = (file for file, _ in pictures.values())
    sources = tuple(Source(f, output / name) for f, name in zip(files, names, strict=True))
    _refuse_overwriting(sources)
    return Found(sources, left_out)


def _walk(path: Path, output: Path) -> Iterator[tuple[Path, Path]]:
    """Yield every file with its path relative to what was named."""
    if not path.is_dir():
        yield path, Path(path.name)
        return
    for folder, folders, files in os.walk(path):
        here = Path(folder)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not _same(here / name, output)
        )
        for name in sorted(files):
            if not name.startswith("."):
                yield here / name, (here / name).relative_to(path)


def _refuse_overwriting(sources: Sequence[Source]) -> None:
    holding = {source.path.parent.resolve() for source in sources}
    for target in sorted({source.target.parent for source in sources}):
        if target.resolve() in holding:
            raise ValueError(
                f"results would go to {target}, beside sources that they could overwrite; "
                "name another --output folder"
            )


def _same(first: Path, second: Path) -> bool:
    return first.resolve() == second.resolve()


def _names(relatives: Sequence[Path]) -> list[Path]:
    """Return a name for each file's results; no two of them can meet."""
    wanted = Counter(_key(path.with_suffix("")) for path in relatives)
    names: list[Path] = []
    taken: set[str] = set()
    for path in relatives:
        name = path.with_suffix("")
        if wanted[_key(name)] > 1:
            name = path.with_name(f"{path.stem}-{path.suffix.lstrip('.')}".rstrip("-"))
        names.append(_free(name, taken))
        taken.add(_key(names[-1]))
    return names


def _free(name: Path, taken: set[str]) -> Path:
    """Return the name, numbered if another file has it."""
    number, candidate = 1, name
    while _key(candidate) in taken:
        number += 1
        candidate = name.with_name(f"{name.name}-{number}")
    return candidate


def _key(name: Path) -> str:
    """Return what two names must not share: case does not count, nor what results add."""
    return _RESULT_SUFFIX.sub("", name.as_posix()).casefold()
