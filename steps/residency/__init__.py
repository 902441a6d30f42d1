"""Loaded models within a memory budget, one per backend, model and environment; the least recently used goes first.

`get` and `choose` give a loaded backend. A backend on torch runs its network through `run`, which brings it back
to the GPU, keeps it there meanwhile, and answers memory that runs out: others are moved away, then the backend
itself gives up speed for memory. What is still too large is the step's to cut into smaller tiles.
"""

from collections.abc import Callable
from typing import TypeVar

from steps import models
from steps.backends import registry
from steps.backends.contract import Backend
from steps.backends.model_backend import ModelBackend
from steps.environment import Environment
from steps.models import Model
from steps.residency.budget import Budget
from steps.residency.counts import Counts
from steps.residency.pool import Key, Pool

__all__ = ["Budget", "Counts", "Pool", "choose", "clear", "counts", "get", "loaded", "loads", "run"]

B = TypeVar("B", bound=Backend)
T = TypeVar("T")

_pool = Pool()


def get(backend: type[B], environment: Environment, model: Model | None = None) -> B:
    """Return the loaded backend, loading it at the first call and after it had to make room.

    Args:
        backend: what to load.
        environment: where it is to run; its memory budget holds.
        model: what to run, of a backend whose models the model sets name; None takes the first usable.

    Raises:
        WeightsMissing, WeightsInvalid, BackendUnavailable: from the backend's `load`.
        OutOfMemory: it does not fit, even alone.
    """
    found = _pool.get(
        Key(backend, environment, model),
        lambda: _load(backend, environment, model),
        expected_bytes=_expected(backend, environment, model),
        pinned=model is not None and model.pinned,
    )
    if not isinstance(found, backend):
        raise TypeError(f"{backend.__qualname__}.load returned a {type(found).__qualname__}")
    return found


def choose(kind: type[B], wanted: str, environment: Environment) -> B:
    """Return the loaded backend of a capability: the named one, or with "auto" the best that can be used.

    Args:
        kind: the capability's class, e.g. `Inpainter`.
        wanted: "auto", the backend's name, or "backend/model".
        environment: where it is to run.

    Raises:
        BackendUnavailable, WeightsMissing: as `registry.choose`.
        WeightsInvalid, OutOfMemory: as `get`.
        TypeError: a backend is listed under a capability that it has not.
    """
    chosen = registry.choose(kind.capability, wanted, environment)
    if not issubclass(chosen.kind, kind):
        raise TypeError(f"{chosen.kind.__qualname__} is listed for {kind.capability} and is none")
    return get(chosen.kind, environment, chosen.model)


def run(backend: Backend, work: Callable[[], T]) -> T:
    """Run a call of a loaded backend's network, with its weights where they belong.

    Raises:
        Whatever `work` raises; what says that memory ran out only once nothing more can be freed.
    """
    return _pool.run(backend, work)


def loads() -> int:
    """Return how many models this process has loaded since its start."""
    return _pool.counts().loads


def counts() -> Counts:
    """Return what this process counted since its start, and the memory that its models hold now."""
    return _pool.counts()


def loaded() -> frozenset[str]:
    """Return the names of the backends that are loaded now."""
    return _pool.loaded()


def clear() -> None:
    """Forget every loaded model."""
    _pool.clear()


def _load(backend: type[B], environment: Environment, model: Model | None) -> Backend:
    if model is not None and issubclass(backend, ModelBackend):
        return backend.load_model(models.locate(model, environment), environment)
    return backend.load(environment)


def _expected(backend: type[B], environment: Environment, model: Model | None) -> int:
    """Return the bytes that a backend is expected to hold, before it is loaded."""
    if model is None:
        return backend.descriptor.weights_bytes
    return model.memory_mb * 2**20 or models.locate(model, environment).size_bytes
