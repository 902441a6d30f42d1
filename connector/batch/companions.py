"""The parts that go with each picture: `--part mask=masks/` or `--part style=painting.jpg`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connector.batch.sources import PICTURE_SUFFIXES, Source
from steps.contract import AnyStep, Part, Role
from steps.errors import InvalidItem, InvalidParameters


@dataclass(frozen=True, slots=True)
class Companions:
    """A file for all pictures, or a folder with one for each, by role."""

    paths: Mapping[Role, Path]

    def of(self, source: Source) -> tuple[Part, ...]:
        """Read the parts that go with a picture.

        Raises:
            InvalidItem: the folder holds none of the picture's name.
            OSError: a file cannot be read.
        """
        return tuple(self._part(role, path, source) for role, path in self.paths.items())

    def _part(self, role: Role, path: Path, source: Source) -> Part:
        file = _in_folder(path, role, source.path.stem) if path.is_dir() else path
        return Part(content=file.read_bytes(), filename=file.name, role=role)


def companions_from(step: AnyStep, assignments: Sequence[str]) -> Companions:
    """Return what `--part ROLE=PATH` means for a step.

    Raises:
        InvalidParameters: names the assignment that is wrong, and what the step takes.
    """
    roles = {wanted.role.value: wanted.role for wanted in step.inputs}
    roles.pop(Role.SOURCE.value, None)
    found: dict[Role, Path] = {}
    for assignment in assignments:
        name, equals, path = assignment.partition("=")
        if not equals or name not in roles:
            known = ", ".join(f"{role}=PATH" for role in roles) or "no part beside the picture"
            raise InvalidParameters(f"--part {assignment!r}: the step {step.name!r} takes {known}")
        if not Path(path).exists():
            raise InvalidParameters(f"--part {assignment!r}: there is no file or folder {path!r}")
        found[roles[name]] = Path(path)
    return Companions(found)


def _in_folder(folder: Path, role: Role, stem: str) -> Path:
    """Return the file for a picture: NAME.ROLE.EXT, as results are named, or NAME.EXT."""
    names = {f"{stem}.{role.value}", stem}
    for file in sorted(folder.iterdir(), key=lambda f: (f.stem == stem, f.name)):
        if file.stem in names and file.suffix.lower() in PICTURE_SUFFIXES:
            return file
    raise InvalidItem(
        f"{folder} holds no {role.value} for {stem!r}; {stem}.{role.value}.png or {stem}.png is looked for",
        pointer=stem,
    )
