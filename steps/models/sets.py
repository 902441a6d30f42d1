"""Reading model sets: the packaged one, and the user's own before it.

models:                                   # in the order of preference
  - name: our-sdxl
    backend: diffusers-inpaint
    licence: OpenRAIL++-M
    source: {path: /srv/models/sdxl-inpainting}
disabled: [sdxl-inpainting]               # names of the packaged set that are not to be used
"""

from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from steps.contract import Wire
from steps.environment import Environment
from steps.errors import BackendUnavailable, WeightsMissing
from steps.models.contract import Model, PathSource

PACKAGED = Path(__file__).with_name("default.yaml")


class ModelsInvalid(BackendUnavailable):
    """A model set cannot be used; the message names the file, the entry and the field."""


class ModelSet(Wire):
    """A file of models."""

    models: tuple[Model, ...] = ()
    disabled: tuple[str, ...] = ()
    """Names of other sets' models that are not to be used."""


def catalogue(environment: Environment) -> tuple[Model, ...]:
    """Return every model, the most preferred first: the user's own, then the packaged ones.

    Raises:
        ModelsInvalid: a file cannot be read or understood.
    """
    packaged = read(PACKAGED)
    if environment.models_file is None:
        return packaged.models
    own = read(environment.models_file)
    known = {model.name for model in packaged.models}
    strange = sorted(set(own.disabled) - known)
    if strange:
        raise ModelsInvalid(
            f"{environment.models_file}: disabled: there is no model {strange[0]!r}; "
            f"known: {', '.join(sorted(known))}"
        )
    hidden = {model.name for model in own.models} | set(own.disabled)
    return (*own.models, *(model for model in packaged.models if model.name not in hidden))


def of_backend(backend: str, environment: Environment) -> tuple[Model, ...]:
    """Return the models that a backend can run, the most preferred first.

    Raises:
        ModelsInvalid: as `catalogue`.
    """
    return tuple(model for model in catalogue(environment) if model.backend == backend)


def get(name: str, environment: Environment) -> Model:
    """Return the model of that name.

    Raises:
        WeightsMissing: there is none; the detail lists the known names.
        ModelsInvalid: as `catalogue`.
    """
    for model in catalogue(environment):
        if model.name == name:
            return model
    known = ", ".join(model.name for model in catalogue(environment))
    raise WeightsMissing(f"there is no model {name!r}; known: {known}")


def read(path: Path) -> ModelSet:
    """Read a file; it is parsed again only when it has changed.

    Raises:
        ModelsInvalid: it cannot be read or understood.
    """
    try:
        changed = path.stat().st_mtime_ns
        return _read(path, changed)
    except OSError as error:
        raise ModelsInvalid(f"{path} cannot be read: {error.strerror or error}") from error


@cache
def _read(path: Path, _changed: int) -> ModelSet:
    try:
        found = ModelSet.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelsInvalid(f"{path} is no YAML: {error}") from error
    except ValidationError as error:
        raise ModelsInvalid(_said(path, error)) from error
    names = [model.name for model in found.models]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ModelsInvalid(f"{path}: models: {twice!r} is named twice")
    return found.model_copy(
        update={"models": tuple(_anchored(model, path.parent) for model in found.models)}
    )


def _anchored(model: Model, folder: Path) -> Model:
    """Return the model with a relative path made absolute: it is relative to the file that says it."""
    if not isinstance(model.source, PathSource):
        return model
    source = PathSource(path=(folder / model.source.path.expanduser()).absolute())
    return model.model_copy(update={"source": source})


def _said(path: Path, error: ValidationError) -> str:
    """Return every fault by its place; of a source, only what the kind that it names says."""
    kinds = {"PathSource": "path", "HubSource": "hub", "UrlSource": "url"}
    kinds["CatalogueSource"] = "weights"
    told = []
    for fault in error.errors():
        place = [str(step) for step in fault["loc"]]
        kind = next((step for step in place if step in kinds), None)
        if kind is not None and kinds[kind] not in _named_source(error, fault["loc"]):
            continue
        told.append(f"{'.'.join(s for s in place if s not in kinds)}: {fault['msg']}")
    return f"{path}: " + "; ".join(
        dict.fromkeys(told) or ["a source is none of path, hub, url, weights"]
    )


def _named_source(error: ValidationError, place: tuple[int | str, ...]) -> set[str]:
    """Return the keys that the faulty source has."""
    for fault in error.errors():
        given = fault["input"]
        if fault["loc"][:3] == place[:3] and isinstance(given, dict):
            return {str(key) for key in given}
    return {"path", "hub", "url", "weights"}
