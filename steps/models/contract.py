"""What a model of a model set is, and where its files can come from. Data only; nothing is fetched here."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, JsonValue, model_validator

from steps.contract import Wire

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a file, lower-case hex."""
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]

HUB_FILES = ("*.safetensors", "*.json", "*.txt", "*.model", "LICENSE*")
"""What is taken of a hub's repository: weights that hold no code, and the text files that describe them."""
TRUSTED_WITHOUT_PIN = (".safetensors",)
"""Kinds of weights files that cannot hold code; any other kind (a pickle, TorchScript) needs its hash pinned."""


class PathSource(Wire):
    """Files that already lie on this machine or on a mounted share."""

    path: Path
    """A folder as `from_pretrained` takes it, or one file; relative to the YAML file."""

    def __str__(self) -> str:
        return f"path {self.path}"


class HubSource(Wire):
    """A repository of a model hub at a fixed commit; the hub is Environment.hub_endpoint."""

    hub: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    """"owner/name"."""
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
    """Commit; a branch or a tag could change under us."""
    files: Annotated[tuple[str, ...], Field(min_length=1)] = HUB_FILES
    """Patterns of the files to take, relative to the repository."""
    subfolder: str = ""
    """Folder of the repository that is the model; empty for the repository itself."""

    def __str__(self) -> str:
        return f"hub {self.hub}@{self.revision}"


class UrlSource(Wire):
    """One file at an http(s) address."""

    url: Annotated[str, Field(pattern=r"^https?://")]
    sha256: Digest
    size_bytes: Annotated[int, Field(ge=1)]

    def __str__(self) -> str:
        return f"url {self.url}"


class CatalogueSource(Wire):
    """Files of the weights catalogue (`steps.weights`), which come through the package index."""

    weights: Annotated[tuple[str, ...], Field(min_length=1)]
    """Names in the catalogue."""

    def __str__(self) -> str:
        return f"weights {', '.join(self.weights)}"


Source = PathSource | HubSource | UrlSource | CatalogueSource


class Model(Wire):
    """One model that a backend can run."""

    name: Name
    """Unique; a caller may ask for it as "backend/name"."""
    backend: str
    """Backend that runs it."""
    licence: Annotated[str, Field(min_length=1)]
    """SPDX name of the weights' licence, or "LicenseRef-…" where SPDX has none."""
    commercial: bool = True
    """Whether the licence allows commercial use."""
    summary: str = ""
    """One sentence: what it is, and what a user must know of it."""
    source: Source
    """One of: path, hub (with revision), url (with sha256 and sizeBytes), weights."""
    sha256: dict[str, Digest] = Field(default_factory=dict)
    """Digests by path within the model's folder (or by file name); checked when the model is loaded."""
    memory_mb: Annotated[int, Field(ge=0)] = 0
    """Memory of the loaded model in MiB, as far as known before it is loaded; 0: as much as its files."""
    pinned: bool = False
    """Once loaded, never dropped to make room for another."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """What the backend lets a model set decide; each backend's docstring names its options."""

    @model_validator(mode="after")
    def _pinned(self) -> Self:
        if isinstance(self.source, PathSource) and self.source.path.suffix not in (
            "",
            *TRUSTED_WITHOUT_PIN,
        ):
            filename = self.source.path.name
            if filename not in self.sha256:
                raise ValueError(
                    f"{filename} may hold code, so its hash must be pinned: sha256: {{{filename}: …}}; "
                    "safetensors need none"
                )
        return self

    @property
    def revision(self) -> str:
        """What tells versions of the model apart: the hub's commit, or the source's own words."""
        return self.source.revision if isinstance(self.source, HubSource) else ""
