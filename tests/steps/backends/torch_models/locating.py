"""From a file that a test wrote to a model that a backend loads."""

from pathlib import Path

from steps import models
from steps.environment import Environment
from steps.models import Located, Model, PathSource
from steps.weights.cache import sha256_of


def located(path: Path, backend: str, **options: object) -> Located:
    """Return a file or folder as a model of a backend, pinned where it has to be."""
    pins = {path.name: sha256_of(path)} if path.is_file() else {}
    fields = {
        "name": "tiny",
        "backend": backend,
        "licence": "MIT",
        "source": PathSource(path=path),
        "sha256": pins,
        "options": options,
    }
    return models.locate(Model.model_validate(fields), here())


def here() -> Environment:
    """Return the environment of the tests: a CPU, two threads."""
    return Environment.from_env({"RETUSCHE_DEVICE": "cpu", "RETUSCHE_THREADS": "2"})


def never() -> None:
    """Nobody cancels."""
