"""Loaded models, kept for the life of the process: one per backend and environment."""

import threading
from typing import TypeVar

from steps.backends import registry
from steps.backends.contract import Backend
from steps.environment import Environment

B = TypeVar("B", bound=Backend)

_loaded: dict[tuple[type[Backend], Environment], Backend] = {}
_lock = threading.Lock()
_loads = 0


def get(backend: type[B], environment: Environment) -> B:
    """Return the loaded backend, loading it at the first call.

    Raises:
        WeightsMissing, WeightsInvalid, BackendUnavailable: from the backend's `load`.
    """
    global _loads  # noqa: PLW0603 - one counter per process is the point
    key = (backend, environment)
    with _lock:
        if key not in _loaded:
            _loaded[key] = backend.load(environment)
            _loads += 1
        found = _loaded[key]
    if not isinstance(found, backend):
        raise TypeError(f"{backend.__qualname__}.load returned a {type(found).__qualname__}")
    return found


def choose(kind: type[B], wanted: str, environment: Environment) -> B:
    """Return the loaded backend of a capability: the named one, or with "auto" the best that can be used.

    Args:
        kind: the capability's class, e.g. `Inpainter`.
        wanted: the backend's name, or "auto".
        environment: where it is to run.

    Raises:
        BackendUnavailable, WeightsMissing: as `registry.choose`.
        WeightsInvalid: from the backend's `load`.
        TypeError: a backend is listed under a capability that it has not.
    """
    chosen = registry.choose(kind.capability, wanted, environment)
    if not issubclass(chosen, kind):
        raise TypeError(f"{chosen.__qualname__} is listed for {kind.capability} and is none")
    return get(chosen, environment)


def loads() -> int:
    """Return how many models this process has loaded since its start."""
    return _loads


def clear() -> None:
    """Forget every loaded model."""
    with _lock:
        _loaded.clear()
