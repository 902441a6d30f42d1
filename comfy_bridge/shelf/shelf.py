"""Every workflow of an installation: the shipped ones, and those of the operator's folder."""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from comfy_bridge.shelf.errors import WorkflowInvalid
from comfy_bridge.shelf.workflow import API_SUFFIX, DECLARATION_SUFFIX, Workflow, load

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).parent.parent / "workflows"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Shelf:
    """Workflows by name, and why others cannot be used. One bad file takes nothing else away."""

    workflows: Mapping[str, Workflow]
    faults: Mapping[str, str]
    """By name."""

    def get(self, name: str) -> Workflow:
        """Return the workflow of that name.

        Raises:
            WorkflowInvalid: there is none, or its files are at fault; the text says which.
        """
        if name in self.workflows:
            return self.workflows[name]
        if name in self.faults:
            raise WorkflowInvalid(f"workflow {name!r} cannot be used: {self.faults[name]}")
        known = ", ".join(sorted(self.workflows)) or "none"
        raise WorkflowInvalid(f"there is no workflow {name!r}; known: {known}")


def open_shelf(folder: Path | None, shipped: Path = SHIPPED) -> Shelf:
    """Read the shipped workflows and those of a folder, which win where both have a name."""
    if folder is not None and not folder.is_dir():
        log.warning("the folder of workflows is not there", extra={"folder": str(folder)})
    workflows: dict[str, Workflow] = {}
    faults: dict[str, str] = {}
    for name, file in {**_files(shipped), **(_files(folder) if folder else {})}.items():
        try:
            workflows[name] = _loaded(name, file)
        except WorkflowInvalid as error:
            faults[name] = str(error)
            log.warning("a workflow cannot be used", extra={"workflow": name, "fault": str(error)})
    return Shelf(workflows, faults)


def _files(folder: Path) -> dict[str, Path]:
    return {name: folder / f"{name}{DECLARATION_SUFFIX}" for name in sorted(set(_names(folder)))}


def _names(folder: Path) -> Iterator[str]:
    for suffix in (DECLARATION_SUFFIX, API_SUFFIX):
        for file in folder.glob(f"*{suffix}"):
            yield file.name.removesuffix(suffix)


def _loaded(name: str, file: Path) -> Workflow:
    if not _NAME.fullmatch(name):
        raise WorkflowInvalid(f"{file.name}: a name has lower-case letters, digits and hyphens")
    if not file.exists():
        raise WorkflowInvalid(
            f"{name}{API_SUFFIX} has no declaration {file.name} beside it; "
            f"`retusche comfy describe {name}{API_SUFFIX}` drafts one"
        )
    return load(file)
